import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adaptAgent } from './adapt-agent.ts'
import { adaptFstab } from './adapt-fstab.ts'
import { ORIGINALS_DIR } from './originals.ts'
import { MemoryGuest } from '@landfall/guest'

const IDENTITY = {
  instanceID: 'i-0123456789abcdef0',
  token: 'secret',
  endpoint: 'https://192.0.2.1:8443',
  caCertificatePem: '-----BEGIN CERTIFICATE-----\n',
}

test('the agent loses its replication identity and learns that it is an instance', async () => {
  const guest = new MemoryGuest({
    '/var/lib/landfall-agent/agent.key': 'key',
    '/var/lib/landfall-agent/agent.crt': 'certificate',
    '/var/lib/landfall-agent/agent.json': '{}',
  })
  assert.deepEqual(await adaptAgent(guest, IDENTITY), [])
  assert.equal(guest.files.get('/var/lib/landfall-agent/agent.key'), undefined)
  assert.equal(guest.files.get('/var/lib/landfall-agent/agent.crt'), undefined)
  const path = '/var/lib/landfall-agent/instance.json'
  assert.deepEqual(JSON.parse(guest.files.get(path) ?? ''), IDENTITY)
  assert.equal(guest.modes.get(path), 0o600)
})

test('a server without an agent is converted with a warning', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': '' })
  const warnings = await adaptAgent(guest, IDENTITY)
  assert.equal(warnings.length, 1)
  assert.equal(guest.files.size, 1)
})

test('fstab names filesystems by UUID where it named devices', async () => {
  const text = [
    '# /dev/sda1 in a comment stays',
    '/dev/sda1  /      ext4 errors=remount-ro 0 1',
    'UUID=already /boot ext4 defaults 0 2',
    '/dev/sdb2  none   swap sw 0 0',
    '/dev/mapper/vg-home /home ext4 defaults 0 2',
    '',
  ].join('\n')
  const guest = new MemoryGuest(
    { '/etc/fstab': text },
    { '/dev/sda1': 'root-uuid', '/dev/sdb2': 'swap-uuid' },
  )
  assert.deepEqual(await adaptFstab(guest), [])
  assert.equal(
    guest.files.get('/etc/fstab'),
    text.replace('/dev/sda1  /  ', 'UUID=root-uuid  /  ').replace('/dev/sdb2', 'UUID=swap-uuid'),
  )
  assert.equal(guest.files.get(`${ORIGINALS_DIR}/etc/fstab`), text)
})

test('a disk that was not replicated does not hold up the boot', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': '/dev/sdc1 /backup ext4 noatime 0 2\n' })
  const warnings = await adaptFstab(guest)
  assert.match(warnings[0] ?? '', /\/dev\/sdc1/)
  assert.equal(guest.files.get('/etc/fstab'), '/dev/sdc1 /backup ext4 noatime,nofail 0 2\n')
})

test('an fstab that is right already is left alone', async () => {
  const guest = new MemoryGuest({ '/etc/fstab': 'UUID=a / ext4 defaults 0 1\n' })
  assert.deepEqual(await adaptFstab(guest), [])
  assert.deepEqual([...guest.files.keys()], ['/etc/fstab'])
})
