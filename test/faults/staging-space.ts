import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../installation.ts'
import type { Fault, FaultContext } from './fault.ts'

const MIB = 1024 * 1024
/** Less than the writes below need. */
const LEFT_BYTES = 8 * MIB
const WRITTEN_MIB = 48
const SHOWN_MS_MAX = 60_000

export const STAGING_SPACE: readonly Fault[] = [
  { name: 'staging disk full, then space again', on: 'standing', cause: fullStaging },
]

/** A file takes the room; new blocks of the source then have no place. Points stay whole. */
async function fullStaging({ stand, site, random }: FaultContext): Promise<string> {
  await site.installation.landfall('points', 'create', site.id, '--json')
  const ballast = join(stand.stagingFolder, 'ballast')
  const { bavail, bsize } = await statfs(stand.stagingFolder)
  const leftBytes = LEFT_BYTES - random.below(LEFT_BYTES / MIB) * MIB
  await run('fallocate', ['--length', String(bavail * bsize - leftBytes), ballast])
  try {
    const write = `head -c ${WRITTEN_MIB}M /dev/urandom >"$1/new-content" && sync -f "$1"`
    await run('sh', ['-c', write, 'sh', site.folder])
    const why = await site.untilStalled('FAILED_TO_START_DATA_TRANSFER', SHOWN_MS_MAX)
    if (!/full|space/i.test(why)) throw new Error(`The error does not name the space: ${why}`)
    return `${leftBytes / MIB} MiB left for ${WRITTEN_MIB} MiB; STALLED FAILED_TO_START_DATA_TRANSFER: ${why}`
  } finally {
    await rm(ballast, { force: true })
    await rm(join(site.folder, 'new-content'), { force: true })
  }
}
