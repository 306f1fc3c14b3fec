import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'node:test'
import { agentAddresses } from './own-addresses.ts'

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, internal, mac: '00:00:00:00:00:00', netmask: '', cidr: null }
  return address.includes(':')
    ? { ...rest, family: 'IPv6', scopeid: 0 }
    : { ...rest, family: 'IPv4' }
}

test("the operator's addresses come first, then our own, then QEMU's name for the host", () => {
  const interfaces = {
    lo: [info('127.0.0.1', true)],
    eth0: [info('fd00::2'), info('fe80::1'), info('192.0.2.2')],
  }
  assert.deepEqual(agentAddresses(['migrate.example.org'], interfaces), [
    'migrate.example.org',
    '192.0.2.2',
    'fd00::2',
    '10.0.2.2',
  ])
})

test('without another address loopback remains, and nothing comes twice', () => {
  const interfaces = { lo: [info('127.0.0.1', true)] }
  assert.deepEqual(agentAddresses(['10.0.2.2'], interfaces), ['10.0.2.2', '127.0.0.1'])
})
