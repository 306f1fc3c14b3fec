import { dirname } from 'node:path'
import type { RememberingReader } from '../remembering-reader.ts'
import { readUnifiedImage } from '../unified/unified-image.ts'
import { blsEntries, systemdBootDefault } from './bls.ts'
import type { DefaultEntry } from './boot-entry.ts'
import { grubDefault } from './grub-default.ts'
import type { BootFacts } from './guest-facts.ts'
import { readEsp } from './esp.ts'
import { entryOf, unifiedEntries, type UnifiedEntries } from './unified-entries.ts'
import { optionWithoutSecret } from './without-secrets.ts'

/** Where distributions have GRUB's own configuration. */
const GRUB_FOLDERS = ['/boot/grub2', '/boot/grub']

type Loader = BootFacts['loaders'][number]

/** How the guest is started, and which entry is. */
export async function readBoot(
  reader: RememberingReader,
): Promise<{ readonly boot: BootFacts; readonly entry: DefaultEntry }> {
  const esp = await readEsp(reader)
  const loaders = await findLoaders(reader, esp)
  const entry = await findDefault(reader, loaders, esp)
  const commandLine = entry.kind === 'known' ? entry.entry.commandLine : undefined
  const isByFirmware = entry.kind === 'known' && entry.decidedBy === 'firmware'
  const boot = {
    loaders: isByFirmware ? (['firmware'] as const) : loaders,
    ...(esp && { esp }),
    ...commandLineFacts(commandLine),
  }
  return { boot, entry }
}

async function findLoaders(reader: RememberingReader, esp: BootFacts['esp']): Promise<Loader[]> {
  const loaders: Loader[] = []
  for (const folder of GRUB_FOLDERS) {
    if (await reader.exists(`${folder}/i386-pc`)) loaders.push('grub-bios')
    for (const name of ['menu.lst', 'grub.conf']) {
      if (await reader.exists(`${folder}/${name}`)) loaders.push('grub-legacy')
    }
  }
  const onEsp = (pattern: RegExp) => esp?.loaders.some(({ path }) => pattern.test(path)) === true
  if (onEsp(/\/grub\w*\.efi$/i)) loaders.push('grub-efi')
  if (onEsp(/\/systemd-bootx64\.efi$/i)) loaders.push('systemd-boot')
  for (const path of ['/boot/extlinux', '/boot/extlinux.conf', '/boot/syslinux']) {
    if (await reader.exists(path)) loaders.push('extlinux')
  }
  return [...new Set(loaders)]
}

async function findDefault(
  reader: RememberingReader,
  loaders: readonly Loader[],
  esp: BootFacts['esp'],
): Promise<DefaultEntry> {
  const bls = await blsEntries(reader, '/boot/loader/entries')
  for (const folder of [...GRUB_FOLDERS, ...vendorFolders(esp)]) {
    const config = await reader.read(`${folder}/grub.cfg`)
    if (config === undefined) continue
    const environment =
      (await reader.read(`${folder}/grubenv`)) ?? (await reader.read('/boot/grub2/grubenv'))
    const input = { config, ...(environment !== undefined && { environment }), blsEntries: bls }
    const found = grubDefault(input)
    if (found.kind !== 'none') return found
  }
  if (esp === undefined) return { kind: 'none' }
  const unified = await unifiedEntries(reader, new Set([esp.folder, '/boot']))
  if (loaders.includes('systemd-boot')) {
    const [why] = unified.broken
    if (why !== undefined) return { kind: 'unclear', why }
    const entries = await blsEntries(reader, `${esp.folder}/loader/entries`)
    const loaderConf = (await reader.read(`${esp.folder}/loader/loader.conf`)) ?? ''
    return systemdBootDefault(loaderConf, [...entries, ...bls, ...unified.entries])
  }
  return loaders.length === 0 ? await firmwareDefault(reader, esp, unified) : { kind: 'none' }
}

/**
 * What firmware starts by itself on the target, where it has no list of its own: the fallback,
 * which the conversion makes of the only image where there is none.
 */
async function firmwareDefault(
  reader: RememberingReader,
  esp: NonNullable<BootFacts['esp']>,
  { entries, broken }: UnifiedEntries,
): Promise<DefaultEntry> {
  const fallback = esp.loaders.find(({ path }) => /\/boot\/bootx64\.efi$/i.test(path))
  const image = fallback && (await readUnifiedImage(reader, fallback.path).catch(() => undefined))
  if (fallback !== undefined && image !== undefined) {
    return { kind: 'known', entry: entryOf(fallback.path, image), decidedBy: 'firmware' }
  }
  const [why] = broken
  if (why !== undefined) return { kind: 'unclear', why }
  const [entry] = entries
  if (entry === undefined) return { kind: 'none' }
  if (entries.length === 1 && fallback === undefined && !esp.hasShim) {
    return { kind: 'known', entry, decidedBy: 'firmware' }
  }
  return { kind: 'unclear', why: 'what chooses among its unified kernel images is not known' }
}

/** Of the ESP: GRUB's configuration there may lead to another, or be the only one (RHEL 8). */
function vendorFolders(esp: BootFacts['esp']): readonly string[] {
  const folders = esp?.loaders.map(({ path }) => dirname(path)) ?? []
  return [...new Set(folders)]
}

function commandLineFacts(commandLine: string | undefined): Omit<BootFacts, 'loaders' | 'esp'> {
  const words = (commandLine ?? '').split(/\s+/).map(optionWithoutSecret)
  const values = (name: string) =>
    words.flatMap((word) => (word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : []))
  const root = values('root').at(-1)
  const resume = values('resume').at(-1)
  return {
    ...(commandLine !== undefined && { commandLine: words.join(' ') }),
    ...(root !== undefined && { root }),
    ...(resume !== undefined && { resume }),
    cryptDevices: ['cryptdevice', 'rd.luks.uuid', 'rd.luks.name'].flatMap(values),
    consoles: values('console'),
  }
}
