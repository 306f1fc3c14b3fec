import assert from 'node:assert/strict'
import { readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { eventually } from './eventually.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk, writeDurably } from './loop-disk.ts'

const MIB = 1024 * 1024
const GROWTH_DEADLINE_MS = 60_000

/** Takes a point; its ID. A rescan or a first sync may still have to end. */
async function takePoint(installation: Installation, agent: InstalledAgent): Promise<string> {
  await installation.untilContinuous(agent.sourceServerID)
  const answer = await installation.landfall('points', 'create', agent.sourceServerID, '--json')
  return (JSON.parse(answer) as { id: string }).id
}

/** A disk at a point, with a whole filesystem: its size, a file in it, and its last block. */
async function atPoint(
  installation: Installation,
  {
    agent,
    point,
    disk,
    file,
  }: { agent: InstalledAgent; point: string; disk: string; file: string },
): Promise<{ sizeBytes: number; text: string; tail: string }> {
  const image = join(tmpdir(), `landfall-export-${point}.raw`)
  try {
    const what = ['--point', point, '--disk', disk, '--to', image]
    await installation.landfall('points', 'export', agent.sourceServerID, ...what)
    await run('e2fsck', ['-fn', image])
    const { stdout } = await run('debugfs', ['-R', `cat ${file}`, image])
    const tail = (await readFile(image)).subarray(-4096).toString('latin1').replaceAll('\0', '')
    return { sizeBytes: (await stat(image)).size, text: stdout, tail }
  } finally {
    await rm(image, { force: true })
  }
}

test('disks grow, are added and left out; points have what was there, old ones keep theirs', async () => {
  await using installation = await Installation.start()
  await using first = await LoopDisk.create(64 * MIB)
  await using second = await LoopDisk.create(64 * MIB)
  await using third = await LoopDisk.create(64 * MIB)
  const [one, two, three] = [first.device, second.device, third.device]
  const folder = await first.mountExt4()
  await writeDurably(join(await second.mountExt4(), 'file'), 'second')
  await writeDurably(join(await third.mountExt4(), 'file'), 'third')
  await writeDurably(join(folder, 'file'), 'before')
  await using agent = await InstalledAgent.install(installation, [one, two])
  const id = agent.sourceServerID
  const before = await takePoint(installation, agent)

  await first.grow(96 * MIB)
  await eventually('the grown disk is told', GROWTH_DEADLINE_MS, async () => {
    const { sourceProperties } = await installation.sourceServer(id)
    return sourceProperties?.disks?.find((disk) => disk.bytes === 96 * MIB)
  })
  // Where not long ago there was no disk.
  const tail = [`of=${one}`, 'bs=4096', 'seek=24575', 'oflag=direct', 'conv=sync,fsync']
  await run('sh', ['-c', 'printf grown | dd status=none iflag=fullblock "$@"', 'sh', ...tail])
  const grown = await takePoint(installation, agent)
  const seen = { agent, disk: one, file: '/file' }
  assert.deepEqual(await atPoint(installation, { ...seen, point: before }), {
    sizeBytes: 64 * MIB,
    text: 'before',
    tail: '',
  })
  assert.deepEqual(await atPoint(installation, { ...seen, point: grown }), {
    sizeBytes: 96 * MIB,
    text: 'before',
    tail: 'grown',
  })

  assert.equal(await agent.reinstall(installation, [one, two, three]), id)
  const added = await takePoint(installation, agent)
  assert.equal((await atPoint(installation, { ...seen, disk: three, point: added })).text, 'third')
  const log = await readFile(join(agent.installDir, 'agent.log'), 'utf8')
  assert.match(log, new RegExp(`without a rescan: ${one}, ${two}\n`))

  assert.equal(await agent.reinstall(installation, [one, three]), id)
  const without = await takePoint(installation, agent)
  assert.equal((await atPoint(installation, { ...seen, point: without })).tail, 'grown')
  await assert.rejects(atPoint(installation, { ...seen, disk: two, point: without }), /has no disk/)
  assert.equal((await atPoint(installation, { ...seen, disk: two, point: added })).text, 'second')
})
