import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** The longest a command took was a third of a second; a minute without answer is a hung daemon. */
const ANSWER_MS_MAX = 60_000

/** The daemon refused a command. */
export class QmpError extends Error {
  /** QEMU's error class, `GenericError` for nearly everything. */
  readonly errorClass: string

  constructor(command: string, errorClass: string, description: string) {
    super(`The storage daemon refused ${command}: ${description}`)
    this.name = 'QmpError'
    this.errorClass = errorClass
  }
}

interface Pending {
  readonly command: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface Message {
  readonly QMP?: object
  readonly return?: unknown
  readonly error?: { readonly class: string; readonly desc: string }
  readonly id?: number
}

/** QEMU Machine Protocol over a unix socket: one JSON object per line. Events are not used. */
export class QmpClient {
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  readonly #greeting = Promise.withResolvers<void>()
  #lastId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined) // The close event tells.
    socket.on('close', () => this.#fail(new Error('The storage daemon closed its QMP socket')))
    const lines = createInterface({ input: socket })
    lines.on('line', (line) => this.#receive(line))
    lines.on('error', () => undefined) // It passes on the socket's error.
  }

  /** Connects, waits for the greeting and enters command mode. */
  static async connect(socketPath: string): Promise<QmpClient> {
    const client = new QmpClient(connect({ path: socketPath }))
    try {
      await client.#greeting.promise
      await client.execute('qmp_capabilities')
      return client
    } catch (error) {
      client.close()
      throw error
    }
  }

  /** What the command returned; `QmpError` when the daemon refused it. */
  async execute(command: string, commandArguments: object = {}): Promise<unknown> {
    if (this.#socket.destroyed) throw new Error('The storage daemon closed its QMP socket')
    const id = ++this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#pending.set(id, { command, resolve, reject })
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: commandArguments, id })}\n`)
    const deadline = setTimeout(() => {
      this.#socket.destroy()
      reject(new Error(`The storage daemon did not answer ${command} within a minute`))
    }, ANSWER_MS_MAX)
    return promise.finally(() => clearTimeout(deadline))
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(line: string): void {
    const message = parse(line)
    if (message === undefined) return
    if (message.QMP !== undefined) return this.#greeting.resolve()
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id)
    if (pending === undefined || message.id === undefined) return // An event.
    this.#pending.delete(message.id)
    if (message.error === undefined) return pending.resolve(message.return)
    const { class: errorClass, desc } = message.error
    pending.reject(new QmpError(pending.command, errorClass, desc))
  }

  #fail(error: Error): void {
    this.#greeting.reject(error)
    this.#greeting.promise.catch(() => undefined)
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}

/** Undefined for what is not JSON: a daemon that is killed leaves half a line. */
function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
