import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makeTree } from './fake-sysfs.ts'
import { interfaceSettings } from './interface-settings.ts'

const ROUTES = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'ens3\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0',
  'ens3\t00000000\tFE0200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  'ens3\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  'ens3\t0000100A\tFD0200C0\t0003\t0\t0\t0\t0000F0FF\t0\t0\t0',
  'ens4\t00000B0A\t010000AC\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0',
  '',
].join('\n')

async function settings(t: TestContext, files: Record<string, string>) {
  const root = await makeTree(t, { 'proc/net/route': ROUTES, ...files })
  return await interfaceSettings({ name: 'ens3', addresses: ['192.0.2.10/24'], root })
}

test('gateway and routes are those of the interface, by the lowest metric', async (t) => {
  assert.deepEqual(await settings(t, {}), {
    addresses: ['192.0.2.10/24'],
    gateway: '192.0.2.254',
    routes: [{ destination: '10.16.0.0/12', gateway: '192.0.2.253' }],
    nameServers: [],
    searchDomains: [],
  })
})

test('name servers are those that are asked in the end', async (t) => {
  const resolver = 'domain a\nsearch example.org example.net\n#nameserver 9.9.9.9\n'
  const plain = await settings(t, {
    'etc/resolv.conf': `${resolver}nameserver 192.0.2.53\nnameserver 2001:db8::53\n`,
  })
  assert.deepEqual(plain.nameServers, ['192.0.2.53'])
  assert.deepEqual(plain.searchDomains, ['example.org', 'example.net'])
  const stub = `${resolver}nameserver 127.0.0.53\n`
  const resolved = await settings(t, {
    'etc/resolv.conf': stub,
    'run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.54\n',
  })
  assert.deepEqual(resolved.nameServers, ['192.0.2.54'])
  assert.deepEqual(resolved.searchDomains, ['example.org', 'example.net'])
  assert.deepEqual((await settings(t, { 'etc/resolv.conf': stub })).nameServers, [])
})
