import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { MIB } from '@landfall/model'
import { LoopDisk } from '../replication/loop-disk.ts'
import { FreezeHelper, HURRY } from './freeze-helper.ts'

function mountedDisk(t: TestContext): LoopDisk {
  const disk = new LoopDisk(32 * MIB)
  t.after(() => disk[Symbol.asyncDispose]())
  disk.mountExt4()
  return disk
}

/** Ends when the filesystem takes writes; within the deadline of the freeze, or the test hangs. */
function writeFile(disk: LoopDisk): void {
  execFileSync('touch', [`${disk.mountPoint}/written`])
}

function isFrozen(disk: LoopDisk): boolean {
  try {
    // Fails on what is frozen already; succeeds, and must be undone, on what is not.
    execFileSync('fsfreeze', ['-f', disk.mountPoint], { stdio: 'ignore' })
  } catch {
    return true
  }
  execFileSync('fsfreeze', ['-u', disk.mountPoint])
  return false
}

/** Returns once nobody hurries the kernel: tests beside this one freeze too, each for a moment. */
async function hurryEnds(): Promise<void> {
  while (readFileSync(HURRY, 'utf8').trim() !== '0') await sleep(10)
}

test('freezes, and knows at the thaw that everything stood still', async (t) => {
  const one = mountedDisk(t)
  const other = mountedDisk(t)
  using helper = await FreezeHelper.start([one.mountPoint, other.mountPoint])
  const held = await helper.freeze()
  await hurryEnds()
  assert.deepEqual(held?.frozen, [one.mountPoint, other.mountPoint])
  assert.ok(isFrozen(one) && isFrozen(other))
  assert.equal(await helper.thaw(), true)
  writeFile(one)
  writeFile(other)
})

test('names what cannot be frozen and freezes the rest', async (t) => {
  const disk = mountedDisk(t)
  using helper = await FreezeHelper.start(['/proc', disk.mountPoint])
  const held = await helper.freeze()
  assert.deepEqual(held?.frozen, [disk.mountPoint])
  assert.match(held?.unfrozen[0]?.why ?? '', /not supported/)
  assert.equal(await helper.thaw(), true)
})

test('counts what somebody else holds frozen as frozen, and leaves it so', async (t) => {
  const disk = mountedDisk(t)
  execFileSync('fsfreeze', ['--freeze', disk.mountPoint])
  try {
    using helper = await FreezeHelper.start([disk.mountPoint])
    assert.deepEqual(await helper.freeze(), { frozen: [disk.mountPoint], unfrozen: [] })
    assert.equal(await helper.thaw(), true)
    assert.ok(isFrozen(disk))
  } finally {
    execFileSync('fsfreeze', ['--unfreeze', disk.mountPoint])
  }
})

test('thaws by its own timer, and says afterwards that the freeze did not hold', async (t) => {
  const disk = mountedDisk(t)
  using helper = await FreezeHelper.start([disk.mountPoint])
  await helper.freeze()
  // Waits for the thaw, as every writer does.
  writeFile(disk)
  assert.equal(await helper.thaw(), false)
})

test('thaws when the agent that holds the freeze is killed', async (t) => {
  const disk = mountedDisk(t)
  const program = `
    import { FreezeHelper } from ${JSON.stringify(import.meta.resolve('./freeze-helper.ts'))}
    const helper = await FreezeHelper.start([${JSON.stringify(disk.mountPoint)}])
    await helper.freeze()
    console.log('frozen')
    setInterval(() => {}, 1000)
  `
  const agent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(agent.stdout, 'data')
  assert.ok(isFrozen(disk))
  agent.kill('SIGKILL')
  await once(agent, 'exit')
  writeFile(disk)
  assert.equal(isFrozen(disk), false)
})

test('a helper that is killed leaves a timer that thaws and ends the hurry', async (t) => {
  const disk = mountedDisk(t)
  await hurryEnds()
  using helper = await FreezeHelper.start([disk.mountPoint])
  await helper.freeze()
  // As if it had been killed in the middle of the freeze.
  writeFileSync(HURRY, '1')
  process.kill(helper.pid ?? 0, 'SIGKILL')
  assert.equal(await helper.thaw(), false)
  writeFile(disk)
  await hurryEnds()
})
