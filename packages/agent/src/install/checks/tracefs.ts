import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { failed, passed, type CheckResult } from './check.ts'

const NAME = 'Change tracking (tracefs)'

/** Where the kernel offers a folder to mount tracefs on since 4.1. */
const MOUNT_POINT = '/sys/kernel/tracing'

/** The events that tell of every completed write, and the folder for an instance of our own. */
const NEEDED = [
  'events/block/block_rq_complete/format',
  'events/block/block_bio_complete/format',
  'instances',
]

export interface TracefsSurroundings {
  readonly mountPoint: string
  readonly mount: (mountPoint: string) => Promise<void>
  /** `/sys/kernel/security/lockdown` */
  readonly lockdownFile: string
}

export const KERNEL_TRACEFS: TracefsSurroundings = {
  mountPoint: MOUNT_POINT,
  mount: async (mountPoint) => {
    await promisify(execFile)('mount', ['-t', 'tracefs', 'nodev', mountPoint])
  },
  lockdownFile: '/sys/kernel/security/lockdown',
}

/**
 * Whether this kernel tells of writes. Mounts tracefs where it is not mounted, as systemd would at
 * boot, and leaves it mounted.
 */
export async function checkTracefs(surroundings: TracefsSurroundings): Promise<CheckResult> {
  const { mountPoint, mount } = surroundings
  if ((await missing(mountPoint)).length > 0 && !(await exists(join(mountPoint, 'events')))) {
    try {
      await mount(mountPoint)
    } catch (error) {
      return failed(NAME, await mountProblem(surroundings, error))
    }
  }
  const absent = await missing(mountPoint)
  if (absent.length === 0) return passed(NAME)
  return failed(
    NAME,
    `The kernel lacks ${absent.join(', ')} in ${mountPoint}. Boot a kernel with CONFIG_EVENT_TRACING=y and CONFIG_BLK_DEV_IO_TRACE=y, as the distributions build it.`,
  )
}

async function mountProblem(surroundings: TracefsSurroundings, error: unknown): Promise<string> {
  const lockdown = await readFile(surroundings.lockdownFile, 'utf8').catch(() => '')
  if (lockdown.includes('[confidentiality]')) {
    return `The kernel is locked down to "confidentiality", which closes tracefs. Boot without lockdown=confidentiality ("integrity", as with Secure Boot, is fine).`
  }
  const cause = error instanceof Error ? error.message.trim() : String(error)
  return `tracefs cannot be mounted on ${surroundings.mountPoint}: ${cause}. Boot a kernel with CONFIG_FTRACE=y, CONFIG_EVENT_TRACING=y and CONFIG_BLK_DEV_IO_TRACE=y, and run the installer outside of containers.`
}

async function missing(mountPoint: string): Promise<string[]> {
  const absent: string[] = []
  for (const path of NEEDED) if (!(await exists(join(mountPoint, path)))) absent.push(path)
  return absent
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
