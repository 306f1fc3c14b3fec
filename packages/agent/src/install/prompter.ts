import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { LandfallError } from '@landfall/model'

/** Asks the person at the keyboard. */
export interface Prompter {
  /** The trimmed answer to `question`. Throws when the input has ended. */
  ask(question: string): Promise<string>
  /** The same, without showing what is typed. */
  askHidden(question: string): Promise<string>
  close(): void
}

/** Asks on a terminal, or reads lines from a pipe. Touches the input only when it has to ask. */
export class TerminalPrompter implements Prompter {
  readonly #input: NodeJS.ReadableStream & { isTTY?: boolean }
  readonly #output: NodeJS.WritableStream
  #opened: { lines: AsyncIterator<string>; readline: Interface } | undefined
  #hidden = false

  constructor(input: NodeJS.ReadableStream & { isTTY?: boolean }, output: NodeJS.WritableStream) {
    this.#input = input
    this.#output = output
  }

  ask(question: string): Promise<string> {
    return this.#read(question, { hidden: false })
  }

  async askHidden(question: string): Promise<string> {
    try {
      return await this.#read(question, { hidden: true })
    } finally {
      this.#hidden = false
      this.#output.write('\n')
    }
  }

  close(): void {
    this.#opened?.readline.close()
  }

  async #read(question: string, { hidden }: { hidden: boolean }): Promise<string> {
    this.#opened ??= this.#open()
    const { lines, readline } = this.#opened
    readline.setPrompt(question)
    readline.prompt()
    this.#hidden = hidden
    const { value, done } = await lines.next()
    if (done === true) {
      throw new LandfallError(
        'validation',
        `The input ended at the question "${question.trim()}". Answer it, or give flags and --no-prompt.`,
      )
    }
    return value.trim()
  }

  #open() {
    // readline echoes keys through its output: swallowing them hides what is typed.
    const echo = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.#hidden) this.#output.write(chunk)
        done()
      },
    })
    const readline = createInterface({
      input: this.#input,
      output: echo,
      terminal: this.#input.isTTY === true,
      historySize: 0,
    })
    readline.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    return { readline, lines: readline[Symbol.asyncIterator]() }
  }
}
