import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfaceSettingsText, targetNetworkText } from './network-plan.ts'

test('a network is told by its kind, and a bridge by its name', () => {
  assert.equal(targetNetworkText({ name: 'default', kind: 'user' }), 'default (user)')
  const lan = { name: 'lan', kind: 'bridge', bridge: 'br0' } as const
  assert.equal(targetNetworkText(lan), 'lan (bridge br0)')
})

test('settings say what there is, and of what matters also that there is none', () => {
  const bare = { addresses: ['192.0.2.10/24'], routes: [], nameServers: [], searchDomains: [] }
  assert.equal(interfaceSettingsText(bare), '192.0.2.10/24; no gateway; DNS as the guest has it')
  const full = {
    ...bare,
    gateway: '192.0.2.1',
    routes: [{ destination: '198.51.100.0/24', gateway: '192.0.2.9' }],
    nameServers: ['192.0.2.2', '192.0.2.3'],
  }
  const words = [
    '192.0.2.10/24',
    'gateway 192.0.2.1',
    '198.51.100.0/24 via 192.0.2.9',
    'DNS 192.0.2.2, 192.0.2.3',
  ]
  assert.equal(interfaceSettingsText(full), words.join('; '))
})
