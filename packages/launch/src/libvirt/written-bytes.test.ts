import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '../run-program.ts'
import { launched } from './launched-instance.fixture.ts'
import { useLibvirt } from './libvirt.fixture.ts'
import { writtenBytes } from './written-bytes.ts'

const MIB = 1024 * 1024

useLibvirt()

test('what an instance wrote is told from what it found', async (t) => {
  const folder = await mkdtemp('/tmp/landfall-written-')
  t.after(() => rm(folder, { recursive: true }))
  const [point = '', instance = ''] = ['point', 'instance'].map((name) => join(folder, name))
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', point, '64M'])
  await runProgram('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 0 8M', point])
  const overlay = ['-F', 'qcow2', '-b', point, instance]
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', ...overlay])
  assert.equal(await writtenBytes(instance, t.signal), 0)
  const writes = ['-c', 'write -P 2 4M 2M', '-c', 'write -P 0 20M 1M', '-c', 'write -z 0 1M']
  await runProgram('qemu-io', ['-f', 'qcow2', ...writes, instance])
  assert.equal(await writtenBytes(instance, t.signal), 4 * MIB)
})

test('of a disk that was written here and there every place counts', async (t) => {
  const folder = await mkdtemp('/tmp/landfall-written-')
  t.after(() => rm(folder, { recursive: true }))
  const disk = join(folder, 'a "disk", 1')
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '4G'])
  const places = 24_000
  const writes = Array.from({ length: places }, (_, index) => `write -z ${index * 128}k 64k\n`)
  await runProgram('qemu-io', ['-f', 'qcow2', disk], { input: writes.join('') })
  assert.equal(await writtenBytes(disk, t.signal), places * 64 * 1024)
})

test('it is told disk by disk, also while the instance runs', async (t) => {
  const { provider, instanceID, disks } = await launched(t, { start: false })
  await runProgram('qemu-io', ['-f', 'qcow2', '-c', 'write 0 2M', disks[1]!.path])
  await provider.start(instanceID)
  assert.deepEqual(await provider.changes(instanceID, t.signal), [
    { deviceName: '/dev/sda', writtenBytes: 0 },
    { deviceName: '/dev/sdb', writtenBytes: 2 * MIB },
  ])
})
