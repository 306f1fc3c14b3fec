import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { ToolRunner } from './tool-runner.ts'

/** What is asked of guestfish by those who only need its commands. */
export type Fish = Pick<Guestfish, 'command' | 'attempt' | 'attemptWithKey' | 'lines'>

/**
 * A guestfish process, and behind it libguestfs' own small virtual machine with the disks in it, so
 * that no filesystem of a guest is ever mounted by the host's kernel. It takes commands one by one;
 * the first that fails ends it, and is told with what libguestfs said.
 */
export class Guestfish implements AsyncDisposable {
  readonly #tools: ToolRunner
  readonly #input = new PassThrough()
  readonly #ended: Promise<string>
  #output = ''
  #arrived = Promise.withResolvers<void>()
  #isClosed = false

  /** Read-only disks are read through an overlay that goes with the process. */
  constructor(
    tools: ToolRunner,
    disks: readonly { readonly path: string }[],
    { isReadOnly = false }: { readonly isReadOnly?: boolean } = {},
  ) {
    this.#tools = tools
    const mode = isReadOnly ? ['--ro'] : []
    const drives = disks.flatMap((disk) => ['--format=qcow2', '-a', disk.path])
    this.#ended = tools.run('guestfish', ['--keys-from-stdin', ...mode, ...drives], {
      input: this.#input,
      onOutput: (chunk) => {
        this.#output += chunk
        this.#arrived.resolve()
        this.#arrived = Promise.withResolvers()
      },
    })
    // Whoever waits for a command hears of the end; nobody else needs to.
    this.#ended.catch(() => {})
  }

  /** Runs one command and returns what it prints. */
  command(name: string, ...args: string[]): Promise<string> {
    return this.#enter([name, ...args.map(quote)].join(' '))
  }

  /** Runs a command whose failure does not matter: it is in the log alone. */
  attempt(name: string, ...args: string[]): Promise<string> {
    return this.#enter([`-${name}`, ...args.map(quote)].join(' '))
  }

  /** Runs a command that asks for a key, which no argument list and no log shows. */
  attemptWithKey(key: string, name: string, ...args: string[]): Promise<string> {
    return this.#enter(`-${[name, ...args.map(quote)].join(' ')}\n${key}`)
  }

  /** The lines that a command prints. */
  async lines(name: string, ...args: string[]): Promise<string[]> {
    return (await this.command(name, ...args)).split('\n').filter(Boolean)
  }

  /** Unmounts, so that everything is on the disks, and ends the virtual machine. */
  async close(): Promise<void> {
    await this.command('umount-all')
    await this.command('shutdown')
    this.#isClosed = true
    this.#input.end()
    await this.#ended
  }

  /** Without a `close` before it: something failed, and what is on the disks does not matter. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#input.end()
    await this.#tools.endAll()
    await this.#ended.catch(() => '')
  }

  async #enter(text: string): Promise<string> {
    const mark = `end-${randomBytes(8).toString('hex')}`
    this.#output = ''
    this.#input.write(`${text}\necho ${mark}\n`)
    for (;;) {
      const end = this.#output.indexOf(mark)
      if (end >= 0) return this.#output.slice(0, end)
      const arrived = this.#arrived.promise
      const isEnded = await Promise.race([arrived.then(() => false), this.#ended.then(() => true)])
      if (isEnded) throw new Error(`guestfish ended at "${text.split(' ')[0]}"`)
    }
  }
}

/** guestfish's double quotes: every byte that is not plain ASCII goes as \xHH. */
function quote(text: string): string {
  const escaped = text.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, (character) => {
    const code = character.charCodeAt(0)
    if (code > 0xff) throw new Error(`text for a guest is not bytes: ${JSON.stringify(character)}`)
    return `\\x${code.toString(16).padStart(2, '0')}`
  })
  return `"${escaped}"`
}
