import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CELLS } from './cell.ts'
import { runCells } from './run-cells.ts'
import { outcomeTable } from './table.ts'

const USAGE = `Usage: npm run test:guests -- [--only NAME[,NAME…]] [--to FOLDER]

Builds a server of each kind from Debian's archive, migrates it by the real path and boots it as a
test instance: several minutes each without hardware virtualisation. Needs root and what the tests
need. Prints a table, and leaves it in FOLDER (default guest-matrix) with a picture of each screen.

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
process.once('SIGINT', () => stopping.abort(new Error('Interrupted')))
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
      const { name } = outcome.cell
      if ('landed' in outcome) {
        await writeFile(join(folder, `${name}.png`), outcome.landed.screenshot)
        log(`${name}: landed, ${JSON.stringify(outcome.landed.seconds)}`)
      } else {
        await writeFile(join(folder, `${name}.txt`), outcome.error)
        log(`${name}: ${outcome.error}`)
      }
    },
  },
)
const table = outcomeTable(outcomes, startedAt)
await writeFile(join(folder, 'table.md'), table)
process.stdout.write(table)
const failed = outcomes.filter((outcome) => 'error' in outcome).length
process.stdout.write(`\n${outcomes.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
