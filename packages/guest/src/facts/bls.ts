import type { RememberingReader } from '../remembering-reader.ts'
import type { BootEntry, DefaultEntry } from './boot-entry.ts'
import { newestFirst } from './compare-versions.ts'

/** Entries of the Boot Loader Specification in a folder, newest first. */
export async function blsEntries(reader: RememberingReader, folder: string): Promise<BootEntry[]> {
  const names = (await reader.list(folder)).filter((name) => name.endsWith('.conf'))
  const entries: BootEntry[] = []
  for (const name of names) {
    const text = (await reader.read(`${folder}/${name}`)) ?? ''
    entries.push(parseBlsEntry(name.slice(0, -'.conf'.length), text))
  }
  return entries.toSorted((a, b) => newestFirst(orderOf(a), orderOf(b)))
}

/** GRUB and systemd-boot show rescue entries last; their version is 0 and a machine's ID. */
function orderOf({ version, id }: BootEntry): string {
  return version ?? id
}

export function parseBlsEntry(id: string, text: string): BootEntry {
  const values = (key: string) =>
    text
      .split('\n')
      .map((line) => /^\s*(\S+)\s+(.*?)\s*$/.exec(line))
      .flatMap((match) => (match?.[1] === key && match[2] !== undefined ? [match[2]] : []))
  const [version] = values('version')
  const [sortKey] = values('sort-key')
  return {
    id,
    title: values('title')[0] ?? id,
    kernelPath: values('linux')[0] ?? values('efi')[0] ?? '',
    initramfsPaths: values('initrd').flatMap((value) => value.split(/\s+/)),
    commandLine: values('options').join(' '),
    ...(version !== undefined && { version }),
    ...(sortKey !== undefined && { sortKey }),
  }
}

/** Which entry systemd-boot starts by itself, by its loader.conf. */
export function systemdBootDefault(
  loaderConf: string,
  entries: readonly BootEntry[],
): DefaultEntry {
  const shown = entries.toSorted(shownFirst)
  const [first] = shown
  if (first === undefined) return { kind: 'none' }
  const pattern = /^\s*default\s+(\S+)/m.exec(loaderConf)?.[1]
  if (pattern?.startsWith('@') === true) {
    const why = `systemd-boot's default ${pattern} is kept in the firmware, which stays behind`
    return { kind: 'unclear', why }
  }
  const wanted = pattern === undefined ? undefined : shown.find((e) => matches(pattern, e.id))
  return { kind: 'known', entry: wanted ?? first, decidedBy: 'systemd-boot' }
}

/** Those with a sort key by it, the newest first; then the others by their IDs, downwards. */
function shownFirst(a: BootEntry, b: BootEntry): number {
  const byID = newestFirst(a.id, b.id)
  if (a.sortKey === undefined || b.sortKey === undefined) {
    return Number(a.sortKey === undefined) - Number(b.sortKey === undefined) || byID
  }
  const byKey = a.sortKey.localeCompare(b.sortKey)
  return byKey || newestFirst(a.version ?? '', b.version ?? '') || byID
}

/** A shell's pattern against an entry's file name, with or without its ending. */
function matches(pattern: string, id: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`, 'i')
  return expression.test(`${id}.conf`) || expression.test(id)
}
