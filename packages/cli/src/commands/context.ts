import { resolve } from 'node:path'
import { Option } from 'commander'
import { DATA_DIRECTORY_DEFAULT } from '../installation/data-directory.ts'
import type { Output } from '../output.ts'

/** What every command needs of the outside world; made by `main.ts`. */
export interface CommandContext {
  readonly output: Output
  /** Aborted by an interrupt or SIGTERM. */
  readonly signal: AbortSignal
  readonly environment: NodeJS.ProcessEnv
  /** The command line's own entry, to start it again in the background. */
  readonly mainPath: string
  /** To the process that started this one in the background; absent when nobody did. */
  readonly tellParent?: (message: object) => void
}

/** The option every command that touches an installation takes. */
export function dataDirOption(): Option {
  return new Option('--data-dir <directory>', 'where the installation lives')
    .default(DATA_DIRECTORY_DEFAULT)
    .argParser((text: string) => resolve(text))
}

export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON')
}

export interface ServiceOptions {
  readonly dataDir: string
  readonly json?: true
}

/** Text for `addHelpText('after', …)`: each example a command line and what it does. */
export function examples(rows: readonly (readonly [command: string, what: string])[]): string {
  const lines = rows.map(([command, what]) => `  $ landfall ${command}\n      ${what}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}
