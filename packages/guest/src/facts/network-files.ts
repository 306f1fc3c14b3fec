import type { RememberingReader } from '../remembering-reader.ts'
import type { NetworkFacts } from './guest-facts.ts'

type Manager = NetworkFacts['managers'][number]

/** Where each manager has its settings of interfaces, and how one sets an address. */
const MANAGERS: readonly {
  readonly name: Manager
  readonly folder: string
  readonly file: RegExp
  /** What a file must say to be one that configures an interface. */
  readonly configures: RegExp
  readonly setsAddress: RegExp
}[] = [
  {
    name: 'netplan',
    folder: '/etc/netplan',
    file: /\.yaml$/,
    configures: /^\s*\w+:/m,
    setsAddress: /^\s*addresses:/m,
  },
  ...['/etc/network', '/etc/network/interfaces.d'].map((folder) => ({
    name: 'ifupdown' as const,
    folder,
    file: folder === '/etc/network' ? /^interfaces$/ : /./,
    configures: /^\s*iface\s+(?!lo\b)\S+/m,
    setsAddress: /^\s*iface\s+(?!lo\b)\S+\s+inet6?\s+static\b/m,
  })),
  ...['/etc/sysconfig/network-scripts', '/etc/sysconfig/network'].map((folder) => ({
    name: 'ifcfg' as const,
    folder,
    file: /^ifcfg-(?!lo$)/,
    configures: /=/,
    setsAddress: /^\s*IPADDR\d*=/m,
  })),
  {
    name: 'networkd',
    folder: '/etc/systemd/network',
    file: /\.network$/,
    configures: /^\s*\[Network\]/m,
    setsAddress: /^\s*Address=/m,
  },
  {
    name: 'NetworkManager',
    folder: '/etc/NetworkManager/system-connections',
    file: /./,
    configures: /^\s*\[connection\]/m,
    setsAddress: /^\s*(?:method=manual|address\d*=)/m,
  },
]

export async function readNetwork(reader: RememberingReader): Promise<NetworkFacts> {
  const managers = new Set<Manager>()
  const staticFiles: string[] = []
  for (const { name, folder, file, configures, setsAddress } of MANAGERS) {
    for (const fileName of (await reader.list(folder)).filter((each) => file.test(each))) {
      const text = (await reader.read(`${folder}/${fileName}`)) ?? ''
      if (!configures.test(text)) continue
      managers.add(name)
      if (setsAddress.test(text)) staticFiles.push(`${folder}/${fileName}`)
    }
  }
  return { managers: [...managers], staticFiles }
}
