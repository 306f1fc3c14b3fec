import type { RememberingReader } from '../remembering-reader.ts'
import type { InitramfsGenerator } from './guest-facts.ts'
import { shellSettings } from './settings.ts'

/** Who builds initial ramdisks, by the program of each, and with which settings. */
export async function readGenerators(reader: RememberingReader): Promise<InitramfsGenerator[]> {
  const generators: InitramfsGenerator[] = []
  if (await hasProgram(reader, 'update-initramfs')) generators.push(await initramfsTools(reader))
  if (await hasProgram(reader, 'dracut')) generators.push(await dracut(reader))
  if (await hasProgram(reader, 'mkinitcpio')) generators.push({ name: 'mkinitcpio' })
  if (await hasProgram(reader, 'mkinitfs')) generators.push({ name: 'mkinitfs' })
  return generators
}

export async function hasProgram(reader: RememberingReader, name: string): Promise<boolean> {
  for (const folder of ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin']) {
    if (await reader.exists(`${folder}/${name}`)) return true
  }
  return false
}

async function initramfsTools(reader: RememberingReader): Promise<InitramfsGenerator> {
  const folder = '/etc/initramfs-tools'
  const texts = [await reader.read(`${folder}/initramfs.conf`)]
  for (const name of await reader.list(`${folder}/conf.d`)) {
    texts.push(await reader.read(`${folder}/conf.d/${name}`))
  }
  const modules = shellSettings(texts.join('\n')).get('MODULES') ?? 'most'
  return { name: 'initramfs-tools', modules }
}

async function dracut(reader: RememberingReader): Promise<InitramfsGenerator> {
  const texts = [await reader.read('/etc/dracut.conf')]
  for (const folder of ['/usr/lib/dracut/dracut.conf.d', '/etc/dracut.conf.d']) {
    const names = (await reader.list(folder)).filter((name) => name.endsWith('.conf'))
    for (const name of names) texts.push(await reader.read(`${folder}/${name}`))
  }
  const text = texts.join('\n')
  const isHostOnly = shellSettings(text).get('hostonly') ?? 'no'
  const added = text.matchAll(/^\s*(?:add|force)_drivers\+?=\s*["']([^"']*)["']/gm)
  return {
    name: 'dracut',
    isHostOnly: isHostOnly.startsWith('y'),
    addedDrivers: Array.from(added, ([, names = '']) => names.trim().split(/\s+/))
      .flat()
      .filter(Boolean),
  }
}
