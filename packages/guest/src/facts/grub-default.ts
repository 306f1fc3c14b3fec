import type { BootEntry, DefaultEntry } from './boot-entry.ts'
import { parseGrubConfig, parseGrubEnvironment, type GrubItem } from './grub-config.ts'

export interface GrubInput {
  readonly config: string
  /** GRUB's environment block, where there is one. */
  readonly environment?: string
  /** Newest first; GRUB takes them only when its configuration says so. */
  readonly blsEntries: readonly BootEntry[]
}

/** Which entry GRUB starts by itself. */
export function grubDefault(input: GrubInput): DefaultEntry {
  const config = parseGrubConfig(input.config)
  const environment = parseGrubEnvironment(input.environment ?? '')
  const bls = config.usesBls ? input.blsEntries : []
  const items = [...bls.map((entry) => ({ kind: 'entry' as const, ...entry })), ...config.items]
  if (items.length === 0) return { kind: 'none' }
  const wanted = wantedEntry(config.defaultValue, environment)
  const item = find(items, wanted)
  if (item === undefined || item.kind === 'submenu') {
    return { kind: 'unclear', why: `GRUB's default "${wanted}" leads to a menu and no entry` }
  }
  if (item.kernelPath === '') {
    return { kind: 'unclear', why: `GRUB's default entry "${item.title}" starts no kernel` }
  }
  const { kind: _, ...entry } = item
  const options = environment.get('kernelopts') ?? config.kernelOptions ?? ''
  const commandLine = entry.commandLine
    .replaceAll(/\$\{?kernelopts\}?/g, options)
    .replaceAll(/\$\{?tuned_params\}?/g, environment.get('tuned_params') ?? '')
    .trim()
  const decidedBy = bls.some(({ id }) => id === entry.id) ? 'bls' : 'grub'
  return { kind: 'known', entry: { ...entry, commandLine }, decidedBy }
}

/** What is asked for the next boot alone goes before what is always started. */
function wantedEntry(value: string | undefined, environment: ReadonlyMap<string, string>): string {
  const next = environment.get('next_entry')
  if (next !== undefined && next !== '') return next
  if (value === undefined || value === '') return '0'
  const variable = /^\$\{?(\w+)\}?$/.exec(value)?.[1]
  if (variable === undefined) return value
  return environment.get(variable) || '0'
}

/**
 * A path such as `advanced>6.1.0`, each part a number from 0, an ID or a title. As in GRUB, what
 * is not found is the first entry.
 */
function find(items: readonly GrubItem[], wanted: string): GrubItem | undefined {
  const whole = byName(items, wanted)
  if (whole !== undefined) return whole
  const [first = '', ...more] = wanted.split('>')
  const item = byName(items, first) ?? items[0]
  if (item?.kind !== 'submenu' || more.length === 0) return item
  return find(item.items, more.join('>'))
}

function byName(items: readonly GrubItem[], name: string): GrubItem | undefined {
  if (/^\d+$/.test(name)) return items[Number(name)]
  return items.find((item) => item.id === name || item.title === name)
}
