import { parseArgs } from 'node:util'
import type { Figure, Row } from './figure.ts'
import { initialSync } from './figures/initial-sync.ts'
import { slowLink } from './figures/slow-link.ts'
import { lag } from './figures/lag.ts'
import { freeze } from './figures/freeze.ts'
import { overhead } from './figures/overhead.ts'
import { agentCost } from './figures/agent-cost.ts'
import { replicationServerMemory } from './figures/replication-server-memory.ts'
import { rescan } from './figures/rescan.ts'
import { manyServers } from './figures/many-servers.ts'
import { consolePages } from './figures/console.ts'
import { conversion } from './figures/conversion.ts'
import { requirePrograms } from '../test/programs.ts'
import { markdownTable } from './table.ts'

const FIGURES: readonly Figure[] = [
  initialSync,
  slowLink,
  lag,
  freeze,
  overhead,
  agentCost,
  replicationServerMemory,
  rescan,
  manyServers,
  consolePages,
  conversion,
]

const USAGE = `npm run bench [-- FIGURE …]; figures: ${FIGURES.map(({ name }) => name).join(', ')}`

/** Measures the figures, one after the other; a failed one leaves the others their rows. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name))
  if (unknown.length > 0) throw new Error(`No figure ${unknown.join(', ')}. Usage: ${USAGE}`)
  if (process.getuid?.() !== 0) throw new Error('Loop devices and tracing need root: use sudo')
  const chosen = FIGURES.filter(({ name }) => names.length === 0 || names.includes(name))
  await requirePrograms(chosen.flatMap(({ programs }) => programs))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop.abort(new Error(`Stopped by ${signal}`)))
  }
  const rows: Row[] = []
  for (const figure of chosen) {
    if (stop.signal.aborted) break
    log(`${figure.name} begins`)
    try {
      rows.push(...(await figure.measure({ log, signal: stop.signal })))
    } catch (error) {
      process.exitCode = 1
      log(`${figure.name} could not be measured: ${String(error)}`)
    }
  }
  console.log(markdownTable(rows))
}

function log(message: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${message}`)
}

try {
  await main(parseArgs({ allowPositionals: true }).positionals)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
