import { copyFile, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { MIB } from '@landfall/model'

/** A log file is kept to this size, with one predecessor: days of a busy service. */
export const LOG_BYTES_MAX = 16 * MIB

/**
 * Shortens the logs in `folder` that have grown too long: content moves to `.1`, the file itself
 * stays, because its writers hold it open (for appending) and may outlive whoever started them.
 */
export async function boundLogs(folder: string, bytesMax: number = LOG_BYTES_MAX): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.log')) continue
    const path = join(folder, name)
    const { size } = await stat(path)
    if (size <= bytesMax) continue
    await copyFile(path, `${path}.1`)
    await truncate(path)
  }
}
