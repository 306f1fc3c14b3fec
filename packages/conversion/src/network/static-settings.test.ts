import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryGuest } from '@landfall/guest'
import type { ConversionPlan } from '@landfall/model'
import { ORIGINALS_DIR } from '../originals.ts'
import { adaptNetwork } from './adapt-network.ts'

const PLAN: ConversionPlan = {
  identity: { instanceID: 'i-0', token: '', endpoint: '', caCertificatePem: '' },
  primaryInterface: {
    name: 'ens3',
    settings: {
      addresses: ['192.0.2.10/24', '192.0.2.11/24'],
      gateway: '192.0.2.1',
      routes: [{ destination: '198.51.100.0/24', gateway: '192.0.2.254' }],
      nameServers: ['192.0.2.53', '192.0.2.54'],
      searchDomains: ['example.org', 'example.net'],
    },
  },
  otherInterfaces: ['ens4', 'ens5'],
  targetMac: '52:54:00:aa:bb:cc',
}

async function adapted(files: Record<string, string>) {
  const guest = new MemoryGuest(files)
  return { warnings: await adaptNetwork(guest, PLAN), files: guest.files }
}

test('ifupdown: an interface that had its address by DHCP keeps the address', async () => {
  const path = '/etc/network/interfaces'
  const resolver = '# by dhclient\nsearch old.example.org\nnameserver 203.0.113.1\noptions edns0\n'
  const { files, warnings } = await adapted({
    [path]: 'auto lo ens3 ens4\niface lo inet loopback\niface ens3 inet dhcp\n  mtu 1400\n',
    '/etc/resolv.conf': resolver,
  })
  assert.deepEqual(warnings, [])
  assert.equal(
    files.get(path),
    [
      'auto lo ens3',
      'allow-hotplug ens4',
      'iface lo inet loopback',
      'iface ens3 inet static',
      '    address 192.0.2.10/24',
      '    gateway 192.0.2.1',
      '    dns-nameservers 192.0.2.53 192.0.2.54',
      '    dns-search example.org example.net',
      '    up ip address replace 192.0.2.11/24 dev $IFACE',
      '    up ip route replace 198.51.100.0/24 via 192.0.2.254 dev $IFACE',
      '  mtu 1400',
      '',
    ].join('\n'),
  )
  assert.equal(
    files.get('/etc/resolv.conf'),
    '# by dhclient\noptions edns0\nsearch example.org example.net\n' +
      'nameserver 192.0.2.53\nnameserver 192.0.2.54\n',
  )
  assert.equal(files.get(`${ORIGINALS_DIR}/etc/resolv.conf`), resolver)
})

test('ifupdown: what is static already stays, and only the card of the source goes', async () => {
  const path = '/etc/network/interfaces'
  const text = [
    'iface ens3 inet static',
    '    address 192.0.2.10',
    '    netmask 255.255.255.0',
    '    hwaddress ether 00:11:22:33:44:55',
    '    up ip route add 198.51.100.0/24 via 192.0.2.254',
    'auto ens4',
    'auto ens5',
    '',
  ]
  const { files } = await adapted({ [path]: text.join('\n') })
  const expected = [...text.slice(0, 3), text[4], 'allow-hotplug ens4', 'allow-hotplug ens5', '']
  assert.equal(files.get(path), expected.join('\n'))
  assert.equal(files.get('/etc/resolv.conf'), undefined, 'a link, or made by something else')
})

test('ifcfg: the address is kept, and no boot waits for a card that is not there', async () => {
  const folder = '/etc/sysconfig/network-scripts'
  const { files } = await adapted({
    [`${folder}/ifcfg-ens3`]: 'DEVICE=ens3\nBOOTPROTO=dhcp\nHWADDR=00:11:22:33:44:55\n',
    [`${folder}/ifcfg-ens4`]: 'DEVICE=ens4\nONBOOT=yes\n',
  })
  assert.deepEqual(files.get(`${folder}/ifcfg-ens3`)?.split('\n'), [
    'DEVICE=ens3',
    'BOOTPROTO=none',
    'IPADDR=192.0.2.10',
    'PREFIX=24',
    'IPADDR1=192.0.2.11',
    'PREFIX1=24',
    'GATEWAY=192.0.2.1',
    'DNS1=192.0.2.53',
    'DNS2=192.0.2.54',
    'DOMAIN="example.org example.net"',
    '',
  ])
  assert.equal(files.get(`${folder}/route-ens3`), '198.51.100.0/24 via 192.0.2.254 dev ens3\n')
  assert.equal(files.get(`${folder}/ifcfg-ens4`), 'DEVICE=ens4\nONBOOT=no\n')
  const own = 'DEVICE=ens3\nBOOTPROTO=none\nIPADDR=192.0.2.10\nPREFIX=24\n'
  const kept = await adapted({ [`${folder}/ifcfg-ens3`]: `${own}MACADDR=00:11:22:33:44:55\n` })
  assert.equal(kept.files.get(`${folder}/ifcfg-ens3`), own)
})

test('SUSE: routes and name servers are where it has them', async () => {
  const folder = '/etc/sysconfig/network'
  const { files } = await adapted({
    [`${folder}/ifcfg-ens3`]: "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
    [`${folder}/ifcfg-ens5`]: "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
    [`${folder}/config`]: 'A="1"\nNETCONFIG_DNS_STATIC_SERVERS=""\n',
  })
  assert.deepEqual(files.get(`${folder}/ifcfg-ens3`)?.split('\n'), [
    "STARTMODE='auto'",
    "BOOTPROTO='static'",
    "IPADDR='192.0.2.10/24'",
    "IPADDR_1='192.0.2.11/24'",
    '',
  ])
  assert.equal(
    files.get(`${folder}/ifroute-ens3`),
    'default 192.0.2.1 - ens3\n198.51.100.0/24 192.0.2.254 - ens3\n',
  )
  assert.match(files.get(`${folder}/config`) ?? '', /SERVERS="192\.0\.2\.53 192\.0\.2\.54"$/m)
  assert.match(files.get(`${folder}/ifcfg-ens5`) ?? '', /^STARTMODE='hotplug'$/m)
})

test('netplan: addresses, routes and name servers are those of the source', async () => {
  const { files } = await adapted({ '/etc/netplan/50.yaml': 'network: {}\n' })
  const text = files.get('/etc/netplan/90-landfall.yaml') ?? ''
  assert.deepEqual(text.split('\n').slice(8), [
    '      dhcp4: false',
    '      addresses:',
    '      - "192.0.2.10/24"',
    '      - "192.0.2.11/24"',
    '      routes:',
    '      - to: "0.0.0.0/0"',
    '        via: "192.0.2.1"',
    '      - to: "198.51.100.0/24"',
    '        via: "192.0.2.254"',
    '      nameservers:',
    '        addresses: ["192.0.2.53", "192.0.2.54"]',
    '        search: ["example.org", "example.net"]',
    '',
  ])
})

test('networkd and NetworkManager: addresses, routes and name servers are those of the source', async () => {
  const { files } = await adapted({
    '/etc/systemd/network/20-wired.network': '',
    '/etc/NetworkManager/NetworkManager.conf': '[main]\n',
  })
  assert.equal(
    files.get('/etc/systemd/network/05-landfall.network'),
    '[Match]\nMACAddress=52:54:00:aa:bb:cc\n\n[Network]\nAddress=192.0.2.10/24\n' +
      'Address=192.0.2.11/24\nGateway=192.0.2.1\nDNS=192.0.2.53\nDNS=192.0.2.54\n' +
      'Domains=example.org example.net\n\n' +
      '[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.254\n',
  )
  const folder = '/etc/NetworkManager/system-connections'
  const profile = files.get(`${folder}/landfall.nmconnection`) ?? ''
  const ipv4 = profile.slice(profile.indexOf('[ipv4]'), profile.indexOf('\n[ipv6]'))
  assert.deepEqual(ipv4.split('\n'), [
    '[ipv4]',
    'method=manual',
    'address1=192.0.2.10/24',
    'address2=192.0.2.11/24',
    'gateway=192.0.2.1',
    'route1=198.51.100.0/24,192.0.2.254',
    'dns=192.0.2.53;192.0.2.54;',
    'dns-search=example.org;example.net;',
    '',
  ])
})

test('a server whose settings are kept elsewhere is converted with a warning that names them', async () => {
  const { warnings } = await adapted({})
  assert.match(warnings[0] ?? '', /ens3.*without 192\.0\.2\.10\/24/)
})
