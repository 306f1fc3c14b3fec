import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildConsole } from '@landfall/console'
import type { DataPaths } from '../installation/data-directory.ts'
import { waitForLock } from '../supervisor/lock.ts'
import { PROJECT_ROOT } from '../supervisor/programs.ts'

/** Where installations of this checkout share what was built. */
const CACHE = join(PROJECT_ROOT, '.cache', 'console')

/**
 * Puts the console's files where the service serves them. Built only when what they are made of has
 * changed since the last time. What was there before stays until then.
 */
export async function publishConsole(paths: DataPaths, signal: AbortSignal): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  using _lock = await waitForLock(join(CACHE, '.lock'), signal)
  const built = await buildConsole()
  await rm(`${paths.console}.new`, { recursive: true, force: true })
  await cp(built, `${paths.console}.new`, { recursive: true })
  await rm(paths.console, { recursive: true, force: true })
  await rename(`${paths.console}.new`, paths.console)
}
