/** As much of `ws`, which comes without types, as is used here. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events'
  import type { IncomingMessage } from 'node:http'
  import type { Duplex } from 'node:stream'

  export class WebSocket extends EventEmitter {
    constructor(
      url: string,
      options?: { readonly ca?: string; readonly headers?: Readonly<Record<string, string>> },
    )
    /** Bytes that were sent and have not left yet. */
    readonly bufferedAmount: number
    send(data: Uint8Array, sent?: (error?: Error) => void): void
    /** Reads nothing more before `resume`. */
    pause(): void
    resume(): void
    /** Says why to the other side, and waits for it. A reason has at most 123 bytes. */
    close(code?: number, reason?: string): void
    /** Cuts the connection. */
    terminate(): void
  }

  export class WebSocketServer {
    constructor(options: { readonly noServer: true; readonly maxPayload: number })
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      opened: (socket: WebSocket) => void,
    ): void
  }
}
