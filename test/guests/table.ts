import { type GuestCell, LAYOUTS } from './cell.ts'
import type { CellOutcome } from './run-cells.ts'

const COLUMNS = [
  'guest',
  'system',
  'boot',
  'disks',
  'ramdisk',
  'network',
  'source',
  'target',
  'made bootable',
  'sync',
  'point',
  'conversion',
  'boot time',
] as const

/** The outcomes as a table in Markdown, a row for each guest. */
export function outcomeTable(outcomes: readonly CellOutcome[], date: Date): string {
  const rows = outcomes.map((outcome) => {
    const facts = factsOf(outcome.cell)
    if ('error' in outcome) {
      return [...facts, '-', `FAILED: ${outcome.error.split('\n')[0]}`, '-', '-', '-', '-']
    }
    const { target, conversion, seconds, kernel } = outcome.landed
    const [name = '', system = '', ...rest] = facts
    return [
      ...[name, `${system}, ${kernel}`, ...rest, target, conversion],
      ...[seconds.sync, seconds.point, seconds.conversion, seconds.boot].map(inSeconds),
    ]
  })
  const lines = [COLUMNS, COLUMNS.map(() => '-'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  const landed = outcomes.filter((outcome) => 'landed' in outcome).length
  const day = date.toISOString().slice(0, 10)
  return `${day}: ${landed} of ${outcomes.length} guests landed.\n\n${lines.join('\n')}\n`
}

function factsOf(cell: GuestCell): string[] {
  const firmware = { bios: 'BIOS', uefi: 'UEFI', 'secure-boot': 'Secure Boot' }[cell.firmware]
  return [
    cell.name,
    cell.suite,
    `${firmware}, ${cell.table.toUpperCase()}, ${cell.bootLoader}`,
    `${LAYOUTS[cell.layout]}, ${cell.filesystem}${cell.names === 'device' ? ', by device name' : ''}`,
    cell.ramdisk,
    `${cell.network}${cell.addresses === 'source' ? ", the source's addresses" : ''}`,
    cell.hardware,
  ]
}

function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}
