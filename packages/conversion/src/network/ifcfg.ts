import type { GuestFiles } from '@landfall/guest'
import type { InterfaceSettings } from '@landfall/model'
import { replaceFile } from '../originals.ts'
import type { TargetInterface } from './adapt-network.ts'

const RED_HAT = '/etc/sysconfig/network-scripts'
const SUSE = '/etc/sysconfig/network'

/** Settings of the source's own card. */
const CARD_SETTING = /^\s*(HWADDR|MACADDR|LLADDR)=/

/** Settings of the source's own address. */
const ADDRESS_SETTING = new RegExp(
  '^\\s*(BOOTPROTO|IPADDR\\w*|PREFIX\\w*|PREFIXLEN\\w*|NETMASK\\w*|GATEWAY\\w*|' +
    'NETWORK|BROADCAST|DNS\\d+|DOMAIN|IPV6ADDR|IPV6_DEFAULTGW)=',
)

/** Red Hat's and SUSE's ifcfg files. */
export async function adaptIfcfg(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  for (const folder of [RED_HAT, SUSE]) {
    for (const name of target.absent) await doNotWait(files, folder, name)
  }
  for (const folder of [RED_HAT, SUSE]) {
    const path = `${folder}/ifcfg-${target.name}`
    const text = await files.read(path)
    if (text === undefined) continue
    await replaceFile(files, path, adapted(text, folder, target))
    const { settings } = target
    if (settings === undefined || isStatic(text)) return true
    await writeRoutes(files, folder, target.name, settings)
    if (folder === SUSE) await setNameServers(files, settings)
    return true
  }
  return false
}

/** What has addresses of its own has those that are wanted. */
function isStatic(text: string): boolean {
  return /^\s*IPADDR\w*=["']?\d/m.test(text)
}

function adapted(text: string, folder: string, { settings }: TargetInterface): string {
  const lines = text.split('\n').filter((line) => line !== '' && !CARD_SETTING.test(line))
  if (settings !== undefined && isStatic(text)) return [...lines, ''].join('\n')
  const kept = lines.filter((line) => !ADDRESS_SETTING.test(line))
  if (settings === undefined) return [...kept, 'BOOTPROTO=dhcp', ''].join('\n')
  const own = folder === SUSE ? suseSettings(settings) : redHatSettings(settings)
  return [...kept, ...own, ''].join('\n')
}

function redHatSettings(settings: InterfaceSettings): string[] {
  const { addresses, gateway, nameServers, searchDomains } = settings
  return [
    'BOOTPROTO=none',
    ...addresses.flatMap((one, index) => {
      const [address, prefix] = one.split('/')
      const number = index === 0 ? '' : String(index)
      return [`IPADDR${number}=${address}`, `PREFIX${number}=${prefix}`]
    }),
    ...(gateway === undefined ? [] : [`GATEWAY=${gateway}`]),
    ...nameServers.map((one, index) => `DNS${index + 1}=${one}`),
    ...(searchDomains.length > 0 ? [`DOMAIN="${searchDomains.join(' ')}"`] : []),
  ]
}

function suseSettings({ addresses }: InterfaceSettings): string[] {
  const all = addresses.map((one, index) => `IPADDR${index === 0 ? '' : `_${index}`}='${one}'`)
  return ["BOOTPROTO='static'", ...all]
}

async function writeRoutes(
  files: GuestFiles,
  folder: string,
  name: string,
  { gateway, routes }: InterfaceSettings,
): Promise<void> {
  const lines =
    folder === SUSE
      ? [
          ...(gateway === undefined ? [] : [`default ${gateway} - ${name}`]),
          ...routes.map((one) => `${one.destination} ${one.gateway} - ${name}`),
        ]
      : routes.map((one) => `${one.destination} via ${one.gateway} dev ${name}`)
  const path = `${folder}/${folder === SUSE ? 'ifroute' : 'route'}-${name}`
  if (lines.length === 0) return
  const text = [...lines, ''].join('\n')
  if ((await files.read(path)) === undefined) await files.write(path, text, 0o644)
  else await replaceFile(files, path, text)
}

/** SUSE keeps name servers for all interfaces together. */
async function setNameServers(files: GuestFiles, settings: InterfaceSettings): Promise<void> {
  const path = `${SUSE}/config`
  const text = await files.read(path)
  if (text === undefined || settings.nameServers.length === 0) return
  const values = {
    NETCONFIG_DNS_STATIC_SERVERS: settings.nameServers,
    NETCONFIG_DNS_STATIC_SEARCHLIST: settings.searchDomains,
  }
  const names = Object.keys(values)
  const kept = text.split('\n').filter((line) => !names.some((name) => line.startsWith(`${name}=`)))
  const own = Object.entries(values).map(([name, value]) => `${name}="${value.join(' ')}"`)
  await replaceFile(files, path, [...kept.filter((line) => line !== ''), ...own, ''].join('\n'))
}

async function doNotWait(files: GuestFiles, folder: string, name: string): Promise<void> {
  const path = `${folder}/ifcfg-${name}`
  const text = await files.read(path)
  if (text === undefined) return
  const setting = folder === SUSE ? 'STARTMODE' : 'ONBOOT'
  const kept = text.split('\n').filter((line) => line !== '' && !line.startsWith(`${setting}=`))
  const own = folder === SUSE ? "STARTMODE='hotplug'" : 'ONBOOT=no'
  await replaceFile(files, path, [...kept, own, ''].join('\n'))
}
