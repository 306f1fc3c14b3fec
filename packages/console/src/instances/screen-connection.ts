import type RFB from '@novnc/novnc'
import { send } from '../api/call.ts'

export type ScreenState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** Why, in words for who looked. */
  | { readonly kind: 'ended'; readonly reason: string }

/** A browser tells no more of a connection that was refused, or cut. */
const CUT = 'The connection was cut. The service may have stopped, or the network.'

interface ConnectOptions {
  readonly instanceID: string
  readonly target: HTMLElement
  readonly onState: (state: ScreenState) => void
  readonly signal: AbortSignal
}

/**
 * Shows the screen in `target` until the signal aborts, or the other side ends it. A ticket counts
 * once, and for seconds: each connection asks for its own.
 */
export async function connectScreen(options: ConnectOptions): Promise<RFB | undefined> {
  const { instanceID, target, onState, signal } = options
  onState({ kind: 'connecting' })
  try {
    // Before the ticket, which does not wait for it.
    const { default: Client } = await import('@novnc/novnc')
    const path = `/console/screens/${instanceID}`
    const { ticket } = await send<{ readonly ticket: string }>('POST', path, { signal })
    if (signal.aborted) return undefined
    const socket = new WebSocket(`wss://${location.host}${path}?ticket=${ticket}`)
    let reason = CUT
    // Heard before noVNC hears it, which does not tell the reason.
    socket.addEventListener('close', (event) => {
      if (event.reason !== '') reason = event.reason
    })
    const client = new Client(target, socket)
    client.scaleViewport = true
    client.addEventListener('connect', () => {
      onState({ kind: 'connected' })
      client.focus()
    })
    client.addEventListener('disconnect', () => {
      if (!signal.aborted) onState({ kind: 'ended', reason })
    })
    signal.addEventListener('abort', () => client.disconnect())
    return client
  } catch (error) {
    if (signal.aborted) return undefined
    onState({ kind: 'ended', reason: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}

const CTRL = { keysym: 0xffe3, code: 'ControlLeft' }
const ALT = { keysym: 0xffe9, code: 'AltLeft' }

/** Gives the keyboard back to the page. Nothing stays pressed in the instance. */
export function leaveScreen(client: RFB): void {
  for (const { keysym, code } of [CTRL, ALT]) client.sendKey(keysym, code, false)
  client.blur()
}
