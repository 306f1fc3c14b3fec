/**
 * The channel between an instance's agent and the service that needs no network: a virtio-serial
 * port in the guest, a socket on the host. Either side may start anew in the middle of a frame, and
 * either side may be given anything, so a frame is a line: JSON, and a newline before and after it.
 * What is no frame is skipped up to the next newline.
 */

/** The port's name in the guest: below /dev/virtio-ports. */
export const AGENT_PORT = 'dev.landfall.agent.0'

/** Asks for nothing but an answer: whether somebody listens at the other end. */
export const AGENT_CHANNEL_PING = 'Ping'

/** The largest body that the service takes over HTTPS (1 MiB), and the rest of a frame. */
export const AGENT_FRAME_BYTES_MAX = 1024 * 1024 + 4096

/** Frames are small as a rule: this is kept for the next one, more is not. */
const ROOM_BYTES_MIN = 4096

/** One of the service's operations. Several may be under way at once. */
export interface AgentChannelRequest {
  /** Of the agent's own choice, and never the same again: answers come late, or after a restart. */
  readonly id: string
  readonly action: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface AgentChannelAnswer {
  readonly id: string
  /** As over HTTP. */
  readonly status: number
  /** The name of the error, when it is one. */
  readonly errorType?: string
  readonly body: object
}

export function encodeAgentFrame(frame: AgentChannelRequest | AgentChannelAnswer): Uint8Array {
  return new TextEncoder().encode(`\n${JSON.stringify(frame)}\n`)
}

/** Finds frames in a stream that may hold anything, within a bounded memory. */
export class AgentFrameDecoder {
  #room = new Uint8Array(ROOM_BYTES_MIN)
  #length = 0
  /** The present line is longer than a frame can be. */
  #isSkipping = false

  /** What ends in this chunk and is JSON, of any shape: nobody has looked at it yet. */
  push(chunk: Uint8Array): unknown[] {
    const found: unknown[] = []
    let start = 0
    while (start < chunk.length) {
      const newline = chunk.indexOf(0x0a, start)
      this.#keep(chunk.subarray(start, newline === -1 ? chunk.length : newline))
      if (newline === -1) break
      const value = this.#isSkipping ? undefined : parsed(this.#room.subarray(0, this.#length))
      if (value !== undefined) found.push(value)
      this.#clear()
      start = newline + 1
    }
    return found
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    if (this.#isSkipping || length > AGENT_FRAME_BYTES_MAX) {
      this.#clear()
      this.#isSkipping = true
      return
    }
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.min(2 * length, AGENT_FRAME_BYTES_MAX))
      room.set(this.#room.subarray(0, this.#length))
      this.#room = room
    }
    this.#room.set(bytes, this.#length)
    this.#length = length
  }

  #clear(): void {
    if (this.#room.length > ROOM_BYTES_MIN) this.#room = new Uint8Array(ROOM_BYTES_MIN)
    this.#length = 0
    this.#isSkipping = false
  }
}

function parsed(line: Uint8Array): unknown {
  if (line.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(line))
  } catch {
    return undefined // The end of a frame whose beginning was lost, or nonsense.
  }
}
