import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk, sha256Direct } from './loop-disk.ts'
import { RecordWriter, recordsIn } from './record-writer.ts'

const DISK_BYTES = 512 * 1024 * 1024
const POINTS = 10

test('ten points under random writes are whole file systems with every acknowledged record', async () => {
  await using installation = await Installation.start()
  await using disk = await LoopDisk.create(DISK_BYTES)
  const folder = await disk.mountExt4()
  await using agent = await InstalledAgent.install(installation, [disk.device])
  await installation.untilContinuous(agent.sourceServerID)

  const load = startRandomWrites(folder)
  const writer = RecordWriter.start(join(folder, 'records'))
  const taken: { id: string; acknowledged: number }[] = []
  try {
    for (let index = 0; index < POINTS; index += 1) {
      const acknowledged = writer.acknowledged
      const answer = await installation.landfall('points', 'create', agent.sourceServerID, '--json')
      const point = JSON.parse(answer) as { id: string; consistency: string }
      assert.equal(point.consistency, 'filesystem')
      taken.push({ id: point.id, acknowledged })
    }
  } finally {
    load.kill()
    await writer.stop()
  }
  assert.ok(writer.acknowledged > 0, 'the writer wrote nothing')

  for (const { id, acknowledged } of taken) {
    const image = await exportPoint(installation, agent.sourceServerID, id, disk.device)
    await run('e2fsck', ['-fn', image])
    const { stdout } = await run('debugfs', ['-R', 'cat /records', image])
    assert.ok(recordsIn(stdout) >= acknowledged, `${id} lacks records acknowledged before it`)
    await rm(image)
  }

  await run('fsfreeze', ['--freeze', folder])
  try {
    const answer = await installation.landfall('points', 'create', agent.sourceServerID, '--json')
    const { id } = JSON.parse(answer) as { id: string }
    const image = await exportPoint(installation, agent.sourceServerID, id, disk.device)
    assert.equal((await stat(image)).size, DISK_BYTES)
    assert.equal(await sha256Direct(image), await sha256Direct(disk.device))
    await rm(image)
  } finally {
    await run('fsfreeze', ['--unfreeze', folder])
  }
})

function startRandomWrites(folder: string) {
  const job = [
    '--name=load',
    `--directory=${folder}`,
    '--size=64m',
    '--time_based',
    '--runtime=600',
  ]
  return spawn('fio', [...job, '--rw=randwrite', '--bs=4k', '--fsync=1', '--output=/dev/null'], {
    stdio: 'ignore',
  })
}

async function exportPoint(
  installation: Installation,
  sourceServerID: string,
  pointID: string,
  device: string,
): Promise<string> {
  const image = join(tmpdir(), `landfall-export-${pointID}.raw`)
  const what = ['--point', pointID, '--disk', device, '--to', image, '--format', 'raw']
  await installation.landfall('points', 'export', sourceServerID, ...what)
  return image
}
