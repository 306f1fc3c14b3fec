import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../installation.ts'
import type { Fault, FaultContext } from './fault.ts'
import { DISK_BYTES, type Site } from './site.ts'
import { kill } from './victims.ts'
import { eventually } from '../eventually.ts'

const SECTOR_BYTES = 4096
const SHOWN_MS_MAX = 60_000
const TINY_BUFFER_KB = '8'
const TRACING = '/sys/kernel/tracing/instances'

export const SOURCE_DISK: readonly Fault[] = [
  { name: 'read error on one sector of the source', on: 'standing', cause: unreadableSector },
  { name: 'trace buffer overrun', on: 'standing', cause: traceOverrun },
]

/**
 * A loop device answers reads beyond the end of its file with EIO: the last sector of the disk goes
 * bad, and is read again by the rescan after the agent was killed.
 */
async function unreadableSector({ site }: FaultContext): Promise<string> {
  const output = ['--noheadings', '--output', 'BACK-FILE', site.disk.device]
  const file = (await run('losetup', output)).stdout.trim()
  await truncate(file, DISK_BYTES - SECTOR_BYTES)
  try {
    await kill(site, 'agent')
    const why = await site.untilStalled('FAILED_TO_START_DATA_TRANSFER', SHOWN_MS_MAX)
    if (!why.includes(site.disk.device)) throw new Error(`The error does not name the disk: ${why}`)
    return `the last sector; STALLED FAILED_TO_START_DATA_TRANSFER: ${why}`
  } finally {
    await truncate(file, DISK_BYTES)
  }
}

/**
 * The kernel's buffer made tiny, and more written than it holds while the agent stands still. The
 * buffer is resized while nothing writes: a kernel does not count what it misses then.
 */
async function traceOverrun({ site, random }: FaultContext): Promise<string> {
  const logged = (await site.log()).length
  const instance = (await readdir(TRACING)).find((name) => name.startsWith(`landfall-${site.id}`))
  if (instance === undefined) throw new Error('The agent has no trace instance')
  await run('sync', ['-f', site.folder])
  await sleep(1000)
  await writeFile(join(TRACING, instance, 'buffer_size_kb'), TINY_BUFFER_KB)
  const agent = await site.agent.processID()
  const writes = 2000 + random.below(6000)
  process.kill(agent, 'SIGSTOP')
  try {
    await burst(site, writes)
  } finally {
    process.kill(agent, 'SIGCONT')
  }
  const told = await eventually(
    'a rescan for the lost events',
    SHOWN_MS_MAX,
    async () => /Writes may have been missed.*/.exec(await site.log(logged))?.[0],
  )
  return `${TINY_BUFFER_KB} KiB per CPU, ${writes} writes in a burst; agent: ${told}`
}

async function burst(site: Site, writes: number): Promise<void> {
  const job = ['--name=burst', `--directory=${site.folder}`, '--size=24m', '--rw=randwrite']
  const pattern = ['--bs=4k', '--direct=1', '--ioengine=libaio', '--iodepth=8']
  const length = [`--io_size=${writes * 4}k`, '--output=/dev/null']
  await run('fio', [...job, ...pattern, ...length])
}
