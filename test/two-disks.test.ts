import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'
import { record, RecordWriter } from './record-writer.ts'

const DISK_BYTES = 256 * 1024 * 1024
const POINTS = 5

test('two disks written in turn: every point holds a gapless prefix of one sequence', async () => {
  await using installation = await Installation.start()
  await using first = await LoopDisk.create(DISK_BYTES)
  await using second = await LoopDisk.create(DISK_BYTES)
  const disks = [first.device, second.device]
  const files = [
    join(await first.mountExt4(), 'records'),
    join(await second.mountExt4(), 'records'),
  ]
  await using agent = await InstalledAgent.install(installation, disks)
  await installation.untilContinuous(agent.sourceServerID)

  const writer = RecordWriter.start(...files)
  const taken: { id: string; acknowledged: number }[] = []
  try {
    for (let index = 0; index < POINTS; index += 1) {
      const acknowledged = writer.acknowledged
      const answer = await installation.landfall('points', 'create', agent.sourceServerID, '--json')
      taken.push({ id: (JSON.parse(answer) as { id: string }).id, acknowledged })
    }
  } finally {
    await writer.stop()
  }
  assert.ok(writer.acknowledged > 0, 'the writer wrote nothing')

  for (const { id, acknowledged } of taken) {
    const found = []
    for (const [index, device] of disks.entries()) {
      const image = join(tmpdir(), `landfall-export-${id}-${index}.raw`)
      const what = ['--point', id, '--disk', device, '--to', image]
      await installation.landfall('points', 'export', agent.sourceServerID, ...what)
      found.push((await run('debugfs', ['-R', 'cat /records', image])).stdout)
      await rm(image)
    }
    assert.ok(prefixLength(found) >= acknowledged, `${id} lacks acknowledged records`)
  }
})

/** Length of the sequence the files hold in turn; throws when it has a gap. */
function prefixLength(files: readonly string[]): number {
  const rest = files.map((text) => text.match(/.+\n/g) ?? [])
  const total = rest.reduce((sum, lines) => sum + lines.length, 0)
  for (let number = 1; number <= total; number += 1) {
    const line = rest[(number - 1) % rest.length]?.[Math.floor((number - 1) / rest.length)]
    assert.equal(line, record(number), `record ${number} of ${total} is missing or wrong`)
  }
  return total
}
