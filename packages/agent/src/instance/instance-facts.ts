import { readFile } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import type { InstanceFacts } from '@landfall/model'
import manifest from '../../package.json' with { type: 'json' }

const OS_RELEASE = '/etc/os-release'

/** What this machine is, as DescribeInstanceInformation shows it. */
export async function instanceFacts(): Promise<InstanceFacts> {
  const release = await readFile(OS_RELEASE, 'utf8').catch(() => '')
  const value = (name: string) => new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(release)?.[2]
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outer = addresses.filter((one) => !one.internal && !one.address.startsWith('fe80:'))
  const address = outer.find((one) => one.family === 'IPv4') ?? outer[0]
  return {
    agentVersion: manifest.version,
    platformName: value('NAME') ?? 'Linux',
    platformVersion: value('VERSION_ID') ?? '',
    computerName: hostname(),
    ...(address !== undefined && { ipAddress: address.address }),
  }
}
