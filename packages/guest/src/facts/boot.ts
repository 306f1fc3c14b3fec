import { dirname } from 'node:path'
import type { RememberingReader } from '../remembering-reader.ts'
import { blsEntries, systemdBootDefault } from './bls.ts'
import type { DefaultEntry } from './boot-entry.ts'
import { grubDefault } from './grub-default.ts'
import type { BootFacts } from './guest-facts.ts'
import { readEsp } from './esp.ts'
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
  const boot = { loaders, ...(esp && { esp }), ...commandLineFacts(commandLine) }
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
  if (esp === undefined || !loaders.includes('systemd-boot')) return { kind: 'none' }
  const entries = await blsEntries(reader, `${esp.folder}/loader/entries`)
  const unified = await reader.list(`${esp.folder}/EFI/Linux`)
  if (unified.length > 0) {
    const why = 'its kernels are unified images, whose contents are not looked at'
    return { kind: 'unclear', why }
  }
  const loaderConf = (await reader.read(`${esp.folder}/loader/loader.conf`)) ?? ''
  return systemdBootDefault(loaderConf, [...entries, ...bls])
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
