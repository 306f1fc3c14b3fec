import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ScrubReport } from '@landfall/model'
import { InstalledAgent } from './agent.ts'
import { eventually } from './eventually.ts'
import { Installation, run } from './installation.ts'
import { LoopDisk, sha256Direct } from './loop-disk.ts'

const MIB = 1024 * 1024
const DISK_BYTES = 64 * MIB
const DEADLINE_MS = 120_000

interface Proof {
  readonly scrub: ScrubReport | null
  readonly mismatches: {
    readonly found: number
    readonly newest: readonly { readonly foundBy: string; readonly offset: number }[]
  }
}

test('a block that changes in the staging volume is found, counted and sent again', async () => {
  await using installation = await Installation.start()
  await using disk = await LoopDisk.create(DISK_BYTES)
  await run('dd', ['if=/dev/urandom', `of=${disk.device}`, 'bs=1M', 'count=64', 'conv=fsync'])
  const before = await sha256Direct(disk.device)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const { sourceServerID } = agent
  await installation.untilContinuous(sourceServerID)
  const proof = async () =>
    JSON.parse(await installation.landfall('status', sourceServerID, '--json')) as Proof
  const until = (isSo: (now: Proof) => boolean) =>
    eventually(`that ${String(isSo)}`, DEADLINE_MS, async () => {
      const now = await proof()
      return isSo(now) ? now : undefined
    })

  await installation.landfall('scrub', sourceServerID, '--mib-per-second', '64')
  await until(({ scrub }) => scrub?.lastPass !== undefined)
  assert.equal((await proof()).mismatches.found, 0)
  await spoil(installation, 40 * MIB + 4096)
  const { mismatches } = await until((now) => now.mismatches.found > 0)
  assert.deepEqual(
    [mismatches.newest[0]?.foundBy, mismatches.newest[0]?.offset],
    ['SCRUB', 40 * MIB],
  )
  await until(({ scrub }) => scrub?.disks[0]?.unrepairedBytes === 0)
  await installation.landfall('points', 'verify', sourceServerID)

  await installation.landfall('scrub', sourceServerID, '--off')
  await until(({ scrub }) => scrub?.bytesPerSecond === 0)
  await spoil(installation, 8 * MIB)
  const verified = installation.landfall('points', 'verify', sourceServerID)
  await assert.rejects(verified, /at 8388608\)\. This is a defect: it was counted/)
  const { found } = (await until((now) => now.mismatches.found > 1)).mismatches
  assert.equal(found, 2)
  await installation.landfall('points', 'verify', sourceServerID)
  assert.equal(await sha256Direct(disk.device), before)
})

/** Writes 4 KiB into the one volume of the staging area, past agent and replication server. */
async function spoil({ dataDir }: Installation, offset: number): Promise<void> {
  const runDir = join(dataDir, 'run', 'staging')
  const [server] = await readdir(runDir)
  const socket = join(runDir, server ?? '', 'nbd.sock')
  const volume = `nbd+unix:///volume-0?socket=${socket}`
  await run('qemu-io', ['-f', 'raw', '-c', `write -P 7 ${offset} 4096`, volume])
}
