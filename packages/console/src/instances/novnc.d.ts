/** As much of noVNC, which comes without types, as is used here. */
declare module '@novnc/novnc' {
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: WebSocket)
    scaleViewport: boolean
    focus(): void
    blur(): void
    disconnect(): void
    sendCtrlAltDel(): void
    /** By X11's number of the key; `code` is KeyboardEvent's. */
    sendKey(keysym: number, code: string, isDown: boolean): void
  }
}
