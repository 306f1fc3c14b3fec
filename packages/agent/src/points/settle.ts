import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MIB } from '@landfall/model'
import { until } from '../running/until.ts'
import { pause } from '../running/wakeup.ts'
import type { OpenLink } from '../replication/link.ts'
import type { TrackedDisk } from '../replication/tracked-disk.ts'
import type { DiskMount } from './mounts.ts'

/** A freeze waits for less than this to be copied. */
const SMALL_BACKLOG_BYTES = 8 * MIB
/**
 * At first it waits for less, as each MiB, in blocks of 4 KiB, freezes for 13 ms; and after each
 * such time for twice as much, up to the above.
 */
const CALM_BACKLOG_BYTES = MIB / 2
export const CALM_MS = 3000

interface Timeouts {
  readonly syncMs: number
  readonly backlogMs: number
  /** After so long the backlog may be twice as large; 0: it may be as large as it gets. */
  readonly calmMs: number
}

/** What a point looks at while it waits for its moment. */
export interface SettleContext {
  readonly disks: readonly TrackedDisk[]
  readonly drain: () => { readonly sawWrites: boolean }
  /** The present session, when there is one. */
  readonly link: () => OpenLink | undefined
}

/** Lets what was written until now reach the disks, and most of it the replica. */
export async function settle(
  context: SettleContext,
  options: {
    readonly mounts: readonly DiskMount[]
    readonly timeouts: Timeouts
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { mounts, timeouts, signal } = options
  const deadlineMs = performance.now() + timeouts.syncMs
  for (const { mountPoint } of mounts) {
    await syncFilesystem(mountPoint, { timeoutMs: deadlineMs - performance.now(), signal })
  }
  await untilBacklogIsSmall(context, { ...timeouts, signal })
}

/** Waits until little enough is left to be sent; throws when it stays too much for `backlogMs`. */
export async function untilBacklogIsSmall(
  context: SettleContext,
  options: Pick<Timeouts, 'backlogMs' | 'calmMs'> & { readonly signal: AbortSignal },
): Promise<void> {
  const { backlogMs, calmMs, signal } = options
  const startedMs = performance.now()
  await until(signal, backlogMs, () => {
    context.drain()
    context.link()?.sender.wake()
    const bytes = context.disks.reduce((sum, disk) => sum + disk.map.dirtyBytes, 0)
    const waits = (performance.now() - startedMs) / calmMs
    if (bytes <= Math.min(CALM_BACKLOG_BYTES * 2 ** Math.floor(waits), SMALL_BACKLOG_BYTES)) {
      return undefined
    }
    return `${Math.round(bytes / MIB)} MiB wait to be sent, and more is written than the line carries`
  })
}

/** `syncfs`: without it the freeze itself would wait for all dirty pages. */
async function syncFilesystem(
  mountPoint: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const ended = new AbortController()
  const syncing = promisify(execFile)('sync', ['-f', mountPoint], {
    killSignal: 'SIGKILL',
    signal: ended.signal,
  })
  // Slow, or unmounted meanwhile: the freeze decides.
  syncing.then(
    () => ended.abort(),
    () => ended.abort(),
  )
  // Not its end: what waits in the kernel for a disk cannot be killed.
  await pause(Math.max(0, options.timeoutMs), AbortSignal.any([options.signal, ended.signal]))
  ended.abort()
}
