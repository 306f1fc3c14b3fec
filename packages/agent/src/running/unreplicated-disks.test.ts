import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mock, test, type TestContext } from 'node:test'
import { fakeDisks } from '../install/fake-sysfs.ts'
import { UnreplicatedDisks } from './unreplicated-disks.ts'

async function watch(t: TestContext, leftOut?: readonly string[]) {
  const sources = await fakeDisks(t)
  const log: string[] = []
  const inDev = (name: string): string => join(sources.dev, name)
  const watched = new UnreplicatedDisks({
    sources,
    replicated: ['sda', 'sdb'].map(inDev),
    leftOut: leftOut?.map(inDev),
    log: (message) => log.push(message.replaceAll(sources.dev, '/dev')),
    onChange: () => undefined,
  })
  const clock = mock.method(performance, 'now', () => 0)
  t.after(() => clock.mock.restore())
  const look = async (atMs: number): Promise<string[]> => {
    clock.mock.mockImplementation(() => atMs)
    await watched.look()
    return watched.names.map((name) => name.slice(sources.dev.length + 1))
  }
  const addDisk = async (): Promise<void> => {
    const folder = join(sources.sys, 'devices/pci/block/sdx')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'size'), '8192\n')
    await symlink('../devices/pci/block/sdx', join(sources.sys, 'block/sdx'))
    await symlink('../../devices/pci/block/sdx', join(sources.sys, 'class/block/sdx'))
  }
  return { look, addDisk, log }
}

test('a disk that is added is told once, and not again; what was left out is no news', async (t) => {
  const { look, addDisk, log } = await watch(t, ['sdd', 'cciss/c0d0', 'nvme0n1'])
  assert.deepEqual(await look(0), [])
  await addDisk()
  assert.deepEqual(await look(1000), [])
  assert.deepEqual(await look(20_000), ['sdx'])
  assert.deepEqual(await look(40_000), ['sdx'])
  assert.deepEqual(log, [
    '/dev/sdx was added and is not replicated: run the installer again to have it replicated',
  ])
})

test('an agent whose installer told nothing takes what it finds for left out', async (t) => {
  const { look, addDisk } = await watch(t)
  assert.deepEqual(await look(0), [])
  await addDisk()
  assert.deepEqual(await look(20_000), ['sdx'])
})
