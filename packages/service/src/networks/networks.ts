import { parseNetwork } from '@landfall/launch'
import { LandfallError, type TargetNetwork } from '@landfall/model'
import { z } from 'zod'

/** A network that instances can be launched into, which EC2's clients know as a subnet. */
export type InstanceNetwork = TargetNetwork & { readonly subnetID: string }

/** A test instance is in it by default: whatever it does, it does not meet its source. */
export const ISOLATED_NETWORK: InstanceNetwork = {
  name: 'isolated',
  subnetID: 'subnet-00000000000000001',
  kind: 'isolated',
}

/** Instances are in it when nobody chose another subnet. */
export const DEFAULT_NETWORK: InstanceNetwork = {
  name: 'default',
  subnetID: 'subnet-00000000000000000',
  kind: 'user',
}

/** An EC2 answer has one page of them. */
const NETWORKS_MAX = 50

const common = {
  name: z.string().min(1).max(255),
  subnetID: z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'is not a subnet ID, subnet-…'),
  cidr: z
    .string()
    .refine((text) => parseNetwork(text) !== undefined, 'is not an IPv4 network, e.g. 192.0.2.0/24')
    .exactOptional(),
}

/** The kernel's own limit of an interface name, and nothing that means something elsewhere. */
const bridgeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, 'is not a bridge name')

/** `networks` of config.json. */
export const networksSchema = z
  .array(
    z.discriminatedUnion('kind', [
      z.strictObject({ ...common, kind: z.enum(['user', 'isolated']) }),
      z.strictObject({ ...common, kind: z.literal('bridge'), bridge: bridgeName }),
    ]),
  )
  .max(NETWORKS_MAX)
  .refine(
    (networks) => new Set(networks.map((one) => one.subnetID)).size === networks.length,
    'has two networks of one subnetID',
  )
  .refine(
    (networks) => networks.every((one) => one.subnetID !== ISOLATED_NETWORK.subnetID),
    `has the subnetID ${ISOLATED_NETWORK.subnetID}, which is of the network "isolated"`,
  )

/** The configured networks and the two that are always there, of which one can be replaced. */
export function allNetworks(configured: readonly InstanceNetwork[]): readonly InstanceNetwork[] {
  const hasDefault = configured.some((one) => one.subnetID === DEFAULT_NETWORK.subnetID)
  return [...(hasDefault ? [] : [DEFAULT_NETWORK]), ...configured, ISOLATED_NETWORK]
}

/** The network of the subnet; `validation` when there is none. */
export function networkOfSubnet(
  networks: readonly InstanceNetwork[],
  subnetID = DEFAULT_NETWORK.subnetID,
): InstanceNetwork {
  const found = networks.find((one) => one.subnetID === subnetID)
  if (found !== undefined) return found
  const known = networks.map((one) => `${one.subnetID} (${one.name})`).join(', ')
  throw new LandfallError(
    'validation',
    `The EC2 launch template names the subnet ${subnetID}, and there is no such network: ` +
      `choose one of ${known}, or add it to "networks" in config.json.`,
  )
}
