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
  return {
    id,
    title: values('title')[0] ?? id,
    kernelPath: values('linux')[0] ?? values('efi')[0] ?? '',
    initramfsPaths: values('initrd').flatMap((value) => value.split(/\s+/)),
    commandLine: values('options').join(' '),
    ...(version !== undefined && { version }),
  }
}

/** Which entry systemd-boot starts by itself, by its loader.conf. */
export function systemdBootDefault(
  loaderConf: string,
  entries: readonly BootEntry[],
): DefaultEntry {
  if (entries.length === 0) return { kind: 'none' }
  const pattern = /^\s*default\s+(\S+)/m.exec(loaderConf)?.[1]
  if (pattern?.startsWith('@') === true) {
    const why = `systemd-boot's default ${pattern} is kept in the firmware, which stays behind`
    return { kind: 'unclear', why }
  }
  const wanted = pattern === undefined ? undefined : entries.find((e) => matches(pattern, e.id))
  const entry = wanted ?? entries[0]
  if (entry === undefined) return { kind: 'none' }
  return { kind: 'known', entry, decidedBy: 'systemd-boot' }
}

/** A shell's pattern against an entry's file name, with or without its ending. */
function matches(pattern: string, id: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(`${id}.conf`) || new RegExp(`^${source}$`).test(id)
}
