import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CELLS } from './cell.ts'
import { keepOutcome, readRecords } from './record.ts'
import { runCells } from './run-cells.ts'
import { recordTable } from './table.ts'

const USAGE = `Usage: npm run test:guests -- [--only NAME[,NAME…]] [--to FOLDER]

Builds a server of each kind from Debian's archive, migrates it by the real path and boots it as a
test instance: several minutes each without hardware virtualisation. Needs root and what the tests
need. What came of each, and a picture of its screen, is left in FOLDER (default guest-matrix); the
table that is printed has all that is there, also of earlier runs.

  npm run test:guests
  npm run test:guests -- --only luks,raid1

Guests: ${CELLS.map(({ name }) => name).join(', ')}
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    to: { type: 'string', default: 'guest-matrix' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const names = values.only?.split(',') ?? CELLS.map(({ name }) => name)
const unknown = names.filter((name) => !CELLS.some((cell) => cell.name === name))
if (unknown.length > 0) {
  process.stderr.write(`There is no guest ${unknown.join(', ')}.\n\n${USAGE}`)
  process.exit(2)
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort(new Error(`Ended by ${signal}`)))
}
const folder = values.to
await mkdir(folder, { recursive: true })
const startedAt = new Date()
const log = (message: string) => {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000)
  process.stderr.write(`${String(seconds).padStart(6)} s  ${message}\n`)
}
const outcomes = await runCells(
  CELLS.filter(({ name }) => names.includes(name)),
  {
    signal: stopping.signal,
    log,
    async onOutcome(outcome) {
      await keepOutcome(folder, outcome)
      const came = 'landed' in outcome ? 'landed' : outcome.error
      log(`${outcome.cell.name}: ${came}`)
    },
  },
).catch((error: unknown) => {
  if (!stopping.signal.aborted) throw error
  process.stderr.write(`${stopping.signal.reason.message}; what came before it is in ${folder}.\n`)
  process.exit(1)
})
const table = recordTable(await readRecords(folder, CELLS))
await writeFile(join(folder, 'table.md'), table)
process.stdout.write(table)
const failed = outcomes.filter((outcome) => 'error' in outcome).length
process.stdout.write(`\n${outcomes.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
