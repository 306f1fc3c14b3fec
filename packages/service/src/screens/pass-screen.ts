import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** What a slow browser has not taken; more is not read of the screen until it has. */
const UNSENT_BYTES_MAX = 1024 * 1024

/** RFC 6455 leaves 123 (5.5, 5.5.1); what stands for a character that is cut takes up to three. */
const REASON_BYTES_MAX = 120

/** A browser that does not answer the end of its connection is cut off. */
const CLOSE_MS = 2000

/** Why a screen ends; the codes are for the page (RFC 6455, 4000 to 4999 are ours). */
export const SCREEN_ENDS = {
  stopping: { code: 1001, reason: 'The service is stopping.' },
  unavailable: { code: 4000, reason: 'The screen could not be opened.' },
  instanceEnded: { code: 4001, reason: 'The instance was stopped.' },
  notAllowed: { code: 4003, reason: 'Your session has ended, or you may not see the screen.' },
} as const

export type ScreenEnd = { readonly code: number; readonly reason: string }

/** Passes bytes both ways, as fast as the slower side takes them, until one side ends. */
export function passScreen(screen: Duplex, socket: WebSocket): void {
  screen.on('data', (chunk: Buffer) => {
    socket.send(chunk, () => {
      if (socket.bufferedAmount <= UNSENT_BYTES_MAX) screen.resume()
    })
    if (socket.bufferedAmount > UNSENT_BYTES_MAX) screen.pause()
  })
  screen.on('drain', () => socket.resume())
  screen.once('end', () => screen.destroy())
  screen.once('close', () => endScreen(socket, SCREEN_ENDS.instanceEnded))
  socket.on('message', (data: Buffer) => {
    if (!screen.write(data)) socket.pause()
  })
  socket.once('close', () => screen.destroy())
  socket.resume()
}

/** Tells the browser why, and waits a moment for its answer. */
export function endScreen(socket: WebSocket, { code, reason }: ScreenEnd): void {
  socket.close(code, Buffer.from(reason).subarray(0, REASON_BYTES_MAX).toString())
  // One that is read no more would not hear the answer either.
  socket.resume()
  const cut = setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  socket.once('close', () => clearTimeout(cut))
}
