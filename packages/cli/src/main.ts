import { runCommandLine } from './command-line.ts'
import { createOutput } from './output.ts'

/** The command line's entry: `node packages/cli/src/main.ts`, through `./landfall`. */
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())

function tellParent(message: object): void {
  // It is gone once it has heard that all is ready.
  if (process.connected) process.send?.(message)
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  output: createOutput({ out: process.stdout, notes: process.stderr, now: () => Date.now() }),
  signal: stop.signal,
  environment: process.env,
  mainPath: import.meta.filename,
  ...(process.connected ? { tellParent } : {}),
})
if (process.connected) process.disconnect?.()
