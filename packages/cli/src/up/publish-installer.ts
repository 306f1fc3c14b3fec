import { copyFile, mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildInstaller } from '@landfall/agent'
import type { DataPaths } from '../installation/data-directory.ts'
import { waitForLock } from '../supervisor/lock.ts'
import { PROJECT_ROOT } from '../supervisor/programs.ts'

/** Where installations of this checkout share the installer: packing it takes half a minute. */
const CACHE = join(PROJECT_ROOT, '.cache', 'installer')

/**
 * Puts the agent's installer and its hash where the service serves them (B-2). Built only when what
 * goes into it has changed since the last time.
 */
export async function publishInstaller(paths: DataPaths, signal: AbortSignal): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  using _lock = await waitForLock(join(CACHE, '.lock'), signal)
  const { path, sha512Path } = await buildInstaller({ outputDir: CACHE })
  for (const file of [path, sha512Path]) {
    const target = join(paths.software, basename(file))
    await copyFile(file, `${target}.new`)
    await rename(`${target}.new`, target)
  }
}
