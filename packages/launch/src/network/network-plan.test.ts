import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InterfaceSettings, SourceProperties, TargetNetwork } from '@landfall/model'
import { networkText, parseInterfaceAddress, parseNetwork } from './ipv4.ts'
import { planNetwork, plannedSettings } from './network-plan.ts'
import { nicNetwork } from './target-network.ts'

const SETTINGS: InterfaceSettings = {
  addresses: ['192.0.2.10/24', '192.0.2.11/24'],
  gateway: '192.0.2.1',
  routes: [{ destination: '198.51.100.0/24', gateway: '192.0.2.254' }],
  nameServers: ['203.0.113.53', '192.0.2.53'],
  searchDomains: ['example.org'],
}

type Interface = SourceProperties['networkInterfaces'][number]

const PRIMARY: Interface = {
  name: 'ens3',
  macAddress: '00:11:22:33:44:55',
  ips: ['192.0.2.10', '192.0.2.11'],
  isPrimary: true,
  settings: SETTINGS,
}
const SECOND: Interface = { ...PRIMARY, name: 'ens4', ips: ['10.9.0.1'], isPrimary: false }
const ISOLATED: TargetNetwork = { name: 'isolated', kind: 'isolated' }
const LAN: TargetNetwork = { name: 'lan', kind: 'bridge', bridge: 'br0', cidr: '192.0.2.0/24' }

const plan = (changes: Partial<Parameters<typeof planNetwork>[0]> = {}) =>
  planNetwork({
    interfaces: [PRIMARY, SECOND],
    network: ISOLATED,
    copyPrivateIp: true,
    ...changes,
  })

/** As planned for a source whose interface has these settings. */
const planFor = (network: TargetNetwork, settings: Partial<InterfaceSettings>) =>
  plan({ network, interfaces: [{ ...PRIMARY, settings: { ...SETTINGS, ...settings } }] })

test('the primary interface is carried over, by DHCP or with its addresses; others are not', () => {
  const { interfaces } = plan()
  assert.deepEqual(
    interfaces.map(({ name, target }) => [name, target]),
    [
      ['ens3', 'STATIC'],
      ['ens4', 'NOT_ATTACHED'],
    ],
  )
  assert.deepEqual(plannedSettings(plan()), SETTINGS)
  const byDhcp = plan({ copyPrivateIp: false })
  assert.equal(byDhcp.interfaces[0]?.target, 'DHCP')
  assert.equal(plannedSettings(byDhcp), undefined)
  assert.deepEqual(plan({ interfaces: [], copyPrivateIp: false }).interfaces, [])
})

test('what would break a file of the guest is left out', () => {
  const hostile = {
    nameServers: ['192.0.2.53\n    up reboot', '2001:db8::53'],
    searchDomains: ['example.org"', '-x', 'a b', 'example.net'],
    routes: [{ destination: '0.0.0.0/0; reboot', gateway: '192.0.2.1' }],
  }
  assert.partialDeepStrictEqual(plannedSettings(planFor(ISOLATED, hostile)), {
    nameServers: [],
    searchDomains: ['example.net'],
    routes: [],
  })
})

test('an address that the network cannot have is refused, and both are named', () => {
  const inLan = (addresses: string[]) => () => planFor(LAN, { addresses })
  assert.throws(inLan(['192.0.2.10/24', '10.0.0.9/8']), /10\.0\.0\.9\/8 of ens3.*192\.0\.2\.0\/24/)
  assert.throws(inLan(['192.0.3.0/24']), { code: 'validation' })
  assert.doesNotThrow(inLan(['192.0.2.255/24']))
  // What a bridge leads to need not be known.
  assert.doesNotThrow(() => planFor({ name: 'b', kind: 'bridge', bridge: 'b' }, {}))
  const emulated = (address: string) => () =>
    planFor(ISOLATED, { addresses: [address], gateway: '' })
  assert.throws(emulated('192.0.2.10/30'), /192\.0\.2\.10\/30.*prefix length 30.*8 to 29/)
  assert.throws(() => planFor(ISOLATED, { gateway: '192.0.3.1' }), /192\.0\.3\.1.*192\.0\.2\.0\/24/)
})

test('what is not known of the source cannot be kept, and the reason is said', () => {
  const { settings: _, ...older } = PRIMARY
  assert.throws(() => plan({ interfaces: [older] }), /settings of ens3.*installed again/)
  assert.throws(() => plan({ interfaces: [SECOND] }), /default route/)
  assert.throws(() => planFor(ISOLATED, { addresses: [] }), /no IPv4 address/)
  assert.throws(() => planFor(ISOLATED, { addresses: ['fe80::1/64'] }), /not an IPv4 address/)
})

test('a network of one instance has the gateway and name server that the source had', () => {
  assert.deepEqual(nicNetwork(ISOLATED, SETTINGS), {
    kind: 'isolated',
    subnet: {
      cidr: '192.0.2.0/24',
      host: '192.0.2.1',
      nameServer: '192.0.2.53',
      guest: '192.0.2.10',
    },
  })
  // QEMU is both, and cannot have one address for both.
  const crowded = { ...SETTINGS, addresses: ['192.0.2.2/29'], nameServers: ['192.0.2.1'] }
  const { gateway: __, ...without } = { ...crowded, nameServers: ['192.0.2.2'] }
  for (const settings of [crowded, without]) {
    const nic = nicNetwork({ name: 'nat', kind: 'user' }, settings)
    assert.ok(nic.kind === 'user' && nic.subnet !== undefined)
    const { cidr, host, nameServer, guest } = nic.subnet
    assert.equal(cidr, '192.0.2.0/29')
    assert.equal(guest, '192.0.2.2')
    assert.equal(new Set([host, nameServer, guest]).size, 3)
    for (const one of [host, nameServer, guest]) {
      assert.equal(networkText(parseInterfaceAddress(`${one}/29`)!.network), cidr)
    }
  }
})

test('by DHCP a network has its own addresses, or those that QEMU gives it', () => {
  assert.deepEqual(nicNetwork(ISOLATED), { kind: 'isolated' })
  assert.deepEqual(nicNetwork({ name: 'nat', kind: 'user', cidr: '10.7.0.0/16' }), {
    kind: 'user',
    subnet: { cidr: '10.7.0.0/16', host: '10.7.0.1', nameServer: '10.7.0.2', guest: '10.7.0.3' },
  })
  assert.deepEqual(nicNetwork(LAN, SETTINGS), { kind: 'bridge', bridge: 'br0' })
})

test('networks and addresses are read as they are written, and nothing else', () => {
  assert.equal(
    networkText(parseInterfaceAddress('255.255.255.254/31')!.network),
    '255.255.255.254/31',
  )
  assert.equal(networkText(parseInterfaceAddress('10.1.2.3/0')!.network), '0.0.0.0/0')
  for (const wrong of [
    '10.0.0.1',
    '10.0.0.1/33',
    '10.0.0/8',
    '256.0.0.1/8',
    '01.0.0.0/8',
    '/8',
    '1.2.3.4/8/8',
  ]) {
    assert.equal(parseInterfaceAddress(wrong), undefined, wrong)
  }
  assert.equal(parseNetwork('10.0.0.1/8'), undefined)
  assert.ok(parseNetwork('10.0.0.0/8'))
})
