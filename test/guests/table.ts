import { type GuestCell, LAYOUTS } from './cell.ts'
import type { CellRecord } from './record.ts'

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
  'date',
] as const

/** The records as a table in Markdown, a row for each guest. */
export function recordTable(records: readonly CellRecord[]): string {
  const rows = records.map((record) => {
    const { date } = record
    const facts = factsOf(record.cell)
    if ('error' in record) {
      return [...facts, '-', `FAILED: ${record.error.split('\n')[0]}`, '-', '-', '-', '-', date]
    }
    const { target, conversion, seconds, kernel } = record.landed
    const [name = '', system = '', ...rest] = facts
    return [
      ...[name, `${system}, ${kernel}`, ...rest, target, conversion],
      ...[seconds.sync, seconds.point, seconds.conversion, seconds.boot].map(inSeconds),
      date,
    ]
  })
  const lines = [COLUMNS, COLUMNS.map(() => '-'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  const landed = records.filter((record) => 'landed' in record).length
  return `${landed} of ${records.length} guests landed.\n\n${lines.join('\n')}\n`
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
