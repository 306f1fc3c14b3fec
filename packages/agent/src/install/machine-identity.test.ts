import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeTree } from './fake-sysfs.ts'
import { identifyMachine, permanentMacAddresses } from './machine-identity.ts'

const ID_A = 'a'.repeat(32)

async function machine(t: TestContext, macs: readonly string[], machineID = ID_A) {
  const entries: Record<string, string> = { 'etc/machine-id': `${machineID}\n` }
  for (const [index, mac] of macs.entries()) {
    entries[`sys/class/net/eth${index}/address`] = `${mac}\n`
    entries[`sys/class/net/eth${index}/addr_assign_type`] = '0\n'
    entries[`sys/class/net/eth${index}/device/vendor`] = '0x1af4\n'
  }
  entries['sys/class/net/docker0/address'] = '02:42:00:00:00:01\n'
  entries['sys/class/net/docker0/addr_assign_type'] = '1\n'
  const root = await makeTree(t, entries)
  return { sys: join(root, 'sys'), machineID: join(root, 'etc/machine-id') }
}

const MAC_1 = '52:54:00:12:34:56'
const MAC_2 = '52:54:00:ab:cd:ef'

test('only cards of the machine itself count', async (t) => {
  assert.deepEqual(await permanentMacAddresses(await machine(t, [MAC_2, MAC_1])), [MAC_1, MAC_2])
})

test('the same machine keeps its identity when it is installed again', async (t) => {
  const first = await identifyMachine(await machine(t, [MAC_1, MAC_2]))
  const again = await identifyMachine(await machine(t, [MAC_2, MAC_1]))
  assert.equal(again.identity, first.identity)
})

test('a copy with other cards is another machine, even with the files of its source', async (t) => {
  const source = await identifyMachine(await machine(t, [MAC_1]))
  const copy = await identifyMachine(await machine(t, [MAC_2]), { previous: source })
  assert.notEqual(copy.identity, source.identity)
})

test('two machines with the same default address are two', async (t) => {
  const one = await identifyMachine(await machine(t, [MAC_1]))
  const other = await identifyMachine(await machine(t, [MAC_1], 'b'.repeat(32)))
  assert.notEqual(one.identity, other.identity)
})

test('an added card does not change an installed machine', async (t) => {
  const before = await identifyMachine(await machine(t, [MAC_1]))
  const after = await identifyMachine(await machine(t, [MAC_1, MAC_2]), { previous: before })
  assert.equal(after.identity, before.identity)
})

test('agents set apart by their directory are separate servers', async (t) => {
  const sources = await machine(t, [MAC_1])
  const one = await identifyMachine(sources, { separateBy: '/srv/one' })
  const other = await identifyMachine(sources, { separateBy: '/srv/other' })
  assert.notEqual(one.identity, other.identity)
})

test('a machine without cards and ID cannot be identified, and is told what to do', async (t) => {
  const sources = await machine(t, [], 'uninitialized')
  await assert.rejects(identifyMachine(sources), /systemd-machine-id-setup/)
})
