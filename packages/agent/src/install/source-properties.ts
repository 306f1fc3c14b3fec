import { readdir, readFile, stat } from 'node:fs/promises'
import { cpus, hostname, networkInterfaces, release, type NetworkInterfaceInfo } from 'node:os'
import { join } from 'node:path'
import type { SourceProperties } from '@landfall/model'
import type { Disk } from './disks.ts'
import { interfaceSettings } from './interface-settings.ts'

/** Files the kernel and the distribution describe the machine in; another root in tests. */
export async function collectSourceProperties(
  disks: readonly Disk[],
  root = '/',
): Promise<SourceProperties> {
  const name = hostname()
  const isUefi = await exists(join(root, 'sys/firmware/efi'))
  return {
    identificationHints: { hostname: name, fqdn: await qualifiedName(root, name) },
    networkInterfaces: await collectInterfaces(root),
    disks: disks.map(({ deviceName, bytes, isBootDisk }) => ({ deviceName, bytes, isBootDisk })),
    cpus: collectCpus(),
    ramBytes: await ramBytes(root),
    os: { fullString: `linux ${release()} ${await distribution(root)}`.trim() },
    ...(isUefi
      ? { firmware: 'uefi', secureBoot: await hasSecureBoot(root) }
      : { firmware: 'bios', secureBoot: false }),
  }
}

/** The variable by which UEFI says so, under the vendor ID of UEFI itself. */
const SECURE_BOOT = 'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'

/** The kernel puts four bytes of attributes before a variable's value. */
const SECURE_BOOT_VALUE = 4

async function hasSecureBoot(root: string): Promise<boolean> {
  const variable = await readFile(join(root, SECURE_BOOT)).catch(() => Buffer.alloc(0))
  return variable[SECURE_BOOT_VALUE] === 1
}

/** The API's limit for a source server. */
const INTERFACES_MAX = 32

/** MGN's shape: one entry per model with the number of its cores. */
function collectCpus(): { cores: number; modelName: string }[] {
  const counts = new Map<string, number>()
  for (const { model } of cpus()) counts.set(model, (counts.get(model) ?? 0) + 1)
  return [...counts].map(([modelName, cores]) => ({ cores, modelName: modelName.trim() }))
}

/** The cards and their settings now, the one with the default route first. */
export async function collectInterfaces(
  root = '/',
): Promise<SourceProperties['networkInterfaces'][number][]> {
  const folder = join(root, 'sys/class/net')
  const primary = await defaultRouteInterface(root)
  const addresses = networkInterfaces()
  const found: SourceProperties['networkInterfaces'][number][] = []
  for (const name of await readdir(folder).catch(() => [])) {
    // Cards, and what carries the default route (a bond or bridge over them); no virtual ones.
    if (name !== primary && !(await exists(join(folder, name, 'device')))) continue
    found.push({
      name,
      macAddress: (await readText(join(folder, name, 'address'))).trim(),
      ips: (addresses[name] ?? [])
        .map(({ address }) => address)
        .filter((address) => !/^fe80:/i.test(address)),
      isPrimary: name === primary,
      settings: await interfaceSettings({ name, root, addresses: ipv4Addresses(addresses[name]) }),
    })
  }
  return found
    .toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary))
    .slice(0, INTERFACES_MAX)
}

/** With prefix length, in the kernel's order: the primary one first. */
function ipv4Addresses(addresses: readonly NetworkInterfaceInfo[] = []): string[] {
  return addresses.flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : []))
}

/** The interface of the IPv4 default route with the lowest metric, else of the IPv6 one. */
export async function defaultRouteInterface(root: string): Promise<string | undefined> {
  const routes = (await readText(join(root, 'proc/net/route')))
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .toSorted((a, b) => Number(a[6]) - Number(b[6]))
  if (routes[0]?.[0] !== undefined) return routes[0][0]
  // Destination, prefix length, …, interface; lo carries the kernel's own "unreachable" default.
  return (await readText(join(root, 'proc/net/ipv6_route')))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((f) => /^0{32}$/.test(f[0] ?? '') && f[1] === '00' && f.at(-1) !== 'lo')
    ?.at(-1)
}

/** The name with its domain as /etc/hosts has it; the bare name when it has none. */
async function qualifiedName(root: string, name: string): Promise<string> {
  if (name.includes('.')) return name
  for (const line of (await readText(join(root, 'etc/hosts'))).split('\n')) {
    const [, ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/)
    const qualified = names.find((candidate) => candidate.startsWith(`${name}.`))
    if (names.includes(name) && qualified !== undefined) return qualified
  }
  return name
}

async function ramBytes(root: string): Promise<number> {
  const match = /^MemTotal:\s+(\d+) kB/m.exec(await readText(join(root, 'proc/meminfo')))
  return Number(match?.[1] ?? 0) * 1024
}

async function distribution(root: string): Promise<string> {
  const match = /^PRETTY_NAME="?([^"\n]*)"?/m.exec(await readText(join(root, 'etc/os-release')))
  return match?.[1] ?? ''
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
