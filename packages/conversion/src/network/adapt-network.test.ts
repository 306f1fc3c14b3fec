import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversionPlan } from '@landfall/model'
import { ORIGINALS_DIR } from '../originals.ts'
import { MemoryGuest } from '@landfall/guest'
import { adaptNetwork } from './adapt-network.ts'

const PLAN: ConversionPlan = {
  identity: { instanceID: 'i-0', token: '', endpoint: '', caCertificatePem: '' },
  primaryInterface: { name: 'ens3' },
  targetMac: '52:54:00:AA:bb:cc',
}

async function adapted(files: Record<string, string>, plan = PLAN) {
  const guest = new MemoryGuest(files)
  const warnings = await adaptNetwork(guest, plan)
  return { warnings, files: guest.files, modes: guest.modes }
}

test('the interface keeps its name whatever slot it is in', async () => {
  const { files } = await adapted({ '/etc/udev/rules.d/70-persistent-net.rules': 'old' })
  const link = files.get('/etc/systemd/network/10-landfall.link') ?? ''
  assert.match(link, /^\[Match\]\nMACAddress=52:54:00:aa:bb:cc\n/m)
  assert.match(link, /^\[Link\]\nName=ens3$/m)
  assert.equal(files.get('/etc/udev/rules.d/70-persistent-net.rules'), undefined)
})

test('ifupdown: the address is asked for, everything else stays', async () => {
  const text = [
    'source /etc/network/interfaces.d/*',
    'auto lo',
    'iface lo inet loopback',
    'auto ens3',
    'iface ens3 inet static',
    '    address 192.0.2.10/24',
    '    gateway 192.0.2.1',
    '    dns-nameservers 192.0.2.53 \\',
    '      192.0.2.54',
    '    up ip route add 198.51.100.0/24 via 192.0.2.254',
    '    mtu 1400',
    'iface ens3 inet6 static',
    '    address 2001:db8::10/64',
    'iface ens4 inet static',
    '    address 203.0.113.5/24',
    '',
  ].join('\n')
  const { files, warnings } = await adapted({ '/etc/network/interfaces': text })
  assert.deepEqual(warnings, [])
  assert.equal(
    files.get('/etc/network/interfaces'),
    [
      'source /etc/network/interfaces.d/*',
      'auto lo',
      'iface lo inet loopback',
      'auto ens3',
      'iface ens3 inet dhcp',
      '    up ip route add 198.51.100.0/24 via 192.0.2.254',
      '    mtu 1400',
      'iface ens3 inet6 auto',
      'iface ens4 inet static',
      '    address 203.0.113.5/24',
      '',
    ].join('\n'),
  )
  assert.equal(files.get(`${ORIGINALS_DIR}/etc/network/interfaces`), text)
})

test('ifupdown: a stanza in a file of its own is found', async () => {
  const path = '/etc/network/interfaces.d/ens3'
  const { files, warnings } = await adapted({
    [path]: 'allow-hotplug ens3\niface ens3 inet static\naddress 10.0.0.9/8\n',
  })
  assert.deepEqual(warnings, [])
  assert.equal(files.get(path), 'allow-hotplug ens3\niface ens3 inet dhcp\n')
})

test('ifcfg: address and card of the source go', async () => {
  const path = '/etc/sysconfig/network-scripts/ifcfg-ens3'
  const { files } = await adapted({
    [path]:
      'DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.0.0.9\nPREFIX=8\nHWADDR=00:11:22:33:44:55\n',
  })
  assert.equal(files.get(path), 'DEVICE=ens3\nONBOOT=yes\nBOOTPROTO=dhcp\n')
})

test('netplan: its files are replaced by one, for the manager they chose', async () => {
  const { files } = await adapted({
    '/etc/netplan/00-installer.yaml': 'network:\n  renderer: NetworkManager\n',
    '/etc/netplan/50-cloud-init.yaml': 'network: {}\n',
  })
  const names = [...files.keys()].filter((path) => path.startsWith('/etc/netplan/'))
  assert.deepEqual(names, ['/etc/netplan/90-landfall.yaml'])
  assert.match(files.get('/etc/netplan/90-landfall.yaml') ?? '', /renderer: NetworkManager/)
  assert.match(files.get('/etc/netplan/90-landfall.yaml') ?? '', /dhcp4: true/)
  assert.ok(files.has(`${ORIGINALS_DIR}/etc/netplan/50-cloud-init.yaml`))
})

test('networkd and NetworkManager get a file that comes before theirs', async () => {
  const { files, modes } = await adapted({
    '/etc/systemd/network/20-wired.network': '[Match]\nName=ens3\n',
    '/etc/NetworkManager/system-connections/wired.nmconnection': '[connection]\n',
  })
  assert.match(files.get('/etc/systemd/network/05-landfall.network') ?? '', /DHCP=yes/)
  const profile = '/etc/NetworkManager/system-connections/landfall.nmconnection'
  assert.match(files.get(profile) ?? '', /^uuid=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m)
  assert.equal(modes.get(profile), 0o600)
})

test('an interface that is unknown, or has a name that would break a file, is left alone', async () => {
  const { primaryInterface: _, ...unknown } = PLAN
  for (const plan of [unknown, { ...PLAN, primaryInterface: { name: 'a\nb' } }]) {
    const { files, warnings } = await adapted({ '/etc/network/interfaces': '' }, plan)
    assert.equal(warnings.length, 1)
    assert.deepEqual([...files.keys()], ['/etc/network/interfaces'])
  }
})

test('a server whose settings are kept elsewhere is converted with a warning', async () => {
  const { warnings } = await adapted({ '/etc/network/interfaces': 'auto lo\n' })
  assert.match(warnings[0] ?? '', /ens3/)
})
