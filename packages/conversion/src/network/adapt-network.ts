import type { ConversionPlan, InterfaceSettings } from '@landfall/model'
import { setAside } from '../originals.ts'
import type { GuestFiles } from '@landfall/guest'
import { adaptIfcfg } from './ifcfg.ts'
import { adaptIfupdown } from './ifupdown.ts'
import { adaptNetplan } from './netplan.ts'
import { adaptNetworkManager } from './network-manager.ts'
import { adaptNetworkd } from './networkd.ts'

export interface TargetInterface {
  readonly name: string
  readonly mac: string
  /** Undefined: asked for by DHCP. */
  readonly settings: InterfaceSettings | undefined
  /** Interfaces of the source that the target lacks: no boot is to wait for them. */
  readonly absent: readonly string[]
}

/** Each looks for its own configuration and says whether there was some for the interface. */
const ADAPTERS: readonly ((files: GuestFiles, target: TargetInterface) => Promise<boolean>)[] = [
  adaptIfupdown,
  adaptIfcfg,
  adaptNetplan,
  adaptNetworkd,
  adaptNetworkManager,
]

/** The kernel's own limit of 15 bytes, and nothing that means something in a configuration file. */
const INTERFACE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/

/**
 * The instance's network interface takes over the name of the source's primary one, whatever slot
 * it is in, with the settings of the plan or by DHCP. The rest of the configuration, firewalls
 * included, goes on to mean what it meant, because the name is the same.
 */
export async function adaptNetwork(files: GuestFiles, plan: ConversionPlan): Promise<string[]> {
  const { name = '', settings } = plan.primaryInterface ?? {}
  if (!INTERFACE_NAME.test(name)) {
    return [
      `The source's primary network interface is not known: its network settings are as they were.`,
    ]
  }
  const absent = (plan.otherInterfaces ?? []).filter((other) => INTERFACE_NAME.test(other))
  const target = { name, mac: plan.targetMac.toLowerCase(), settings, absent }
  await pinName(files, target)
  let isConfigured = false
  for (const adapt of ADAPTERS) isConfigured = (await adapt(files, target)) || isConfigured
  if (isConfigured) return []
  const found = `No network settings for ${name} were found: the instance may come up without`
  return [`${found} ${settings === undefined ? 'an address' : settings.addresses.join(', ')}.`]
}

/** Before any other file of systemd's: the first that matches an interface decides. */
async function pinName(files: GuestFiles, { name, mac }: TargetInterface): Promise<void> {
  const text = [
    '# The interface keeps the name it had on the source server.',
    `[Match]\nMACAddress=${mac}\n`,
    `[Link]\nName=${name}`,
    '',
  ].join('\n')
  await files.write('/etc/systemd/network/10-landfall.link', text, 0o644)
  // Older systems name interfaces by a rule that knows the source's address.
  const rules = '/etc/udev/rules.d/70-persistent-net.rules'
  if ((await files.read(rules)) !== undefined) await setAside(files, rules)
}
