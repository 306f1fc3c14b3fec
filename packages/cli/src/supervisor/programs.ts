import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MIB } from '@landfall/model'
import type { Configuration } from '../installation/configuration.ts'
import type { DataPaths } from '../installation/data-directory.ts'
import { SYSTEM_USER } from '../installation/system-user.ts'
import type { ProcessDescription } from './supervised-process.ts'

/** Root of the checkout: packages are siblings there. */
export const PROJECT_ROOT = join(import.meta.dirname, '..', '..', '..', '..')

/** Longer than the programs' own deadlines for finishing what they are at. */
const SERVICE_GRACE_MS = 20_000
const STAGING_GRACE_MS = 30_000

/**
 * For the replication server, and by inheritance for its storage daemons: both take buffers of up
 * to 1 MiB all the time, in several threads. glibc by itself spreads what is given back over 8
 * arenas for each core, and takes each large buffer from the kernel and gives it back at once: page
 * faults were four fifths of the storage daemon's CPU in sequential writes.
 */
export const STAGING_MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(32 * MIB),
  MALLOC_TRIM_THRESHOLD_: String(64 * MIB),
}

/**
 * V8 by itself collects its whole heap for every 64 MiB of buffers that have come and gone, which
 * took a fifth of the replication server's CPU. With this, buffers count like the heap.
 */
const STAGING_NODE_FLAGS = [
  '--external-memory-accounted-in-global-limit',
  // What lives for one frame shall not fill a young generation of 16 MiB for each source server.
  '--max-semi-space-size=2',
]

export interface ProgramOptions {
  readonly paths: DataPaths
  readonly configuration: Configuration
  /** The environment of `landfall` itself, of which only what follows is passed on. */
  readonly environment: NodeJS.ProcessEnv
}

/** Variables that reach the programs: where things are, and the documented settings of Landfall. */
const PASSED_ON = /^(PATH|LANG|TZ|LANDFALL_.*)$/

export function serviceProcess(options: ProgramOptions): ProcessDescription {
  const { paths } = options
  return {
    name: 'service',
    command: process.execPath,
    args: [mainOf(PROJECT_ROOT, 'service'), '--data-dir', paths.root],
    environment: {
      ...environmentOf(options),
      HOME: paths.run,
      NODE_COMPILE_CACHE: join(PROJECT_ROOT, '.cache', 'compiled'),
    },
    logFile: join(paths.logs, 'service.log'),
    pidFile: join(paths.run, 'service.pid'),
    graceMs: SERVICE_GRACE_MS,
  }
}

/**
 * The staging area runs as the system user. A checkout that this user cannot reach (below /root,
 * say) is shown to it by a bind mount in a mount namespace of its own, which ends with the process.
 */
export async function stagingProcess(options: ProgramOptions): Promise<ProcessDescription> {
  const { paths, configuration } = options
  const mounted = (await isReachable(process.execPath, PROJECT_ROOT)) ? undefined : paths.program
  const command = [
    ...['setpriv', '--reuid', SYSTEM_USER, '--regid', SYSTEM_USER, '--init-groups', '--'],
    mounted === undefined ? process.execPath : process.execPath.replace(PROJECT_ROOT, mounted),
    ...STAGING_NODE_FLAGS,
    mainOf(mounted ?? PROJECT_ROOT, 'staging'),
    ...['--data-dir', paths.root, '--service', `https://127.0.0.1:${configuration.port}`],
    ...['--port', String(configuration.replicationPort)],
  ]
  const [program, ...args] = mounted === undefined ? command : behindMount(mounted, command)
  return {
    name: 'staging area',
    command: program ?? '',
    args,
    environment: {
      ...environmentOf(options),
      ...STAGING_MALLOC,
      HOME: paths.staging,
      // Its own: the checkout's is not the system user's to write.
      NODE_COMPILE_CACHE: join(paths.staging, '.compiled'),
    },
    logFile: join(paths.logs, 'staging.log'),
    pidFile: join(paths.run, 'staging.pid'),
    graceMs: STAGING_GRACE_MS,
  }
}

function behindMount(mounted: string, command: readonly string[]): string[] {
  const script =
    'mount --bind --make-private "$1" "$2" && mount -o remount,bind,ro "$2" && shift 2 && exec "$@"'
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', PROJECT_ROOT, mounted, ...command]
}

function mainOf(root: string, packageName: string): string {
  return join(root, 'packages', packageName, 'src', 'main.ts')
}

function environmentOf(options: ProgramOptions): NodeJS.ProcessEnv {
  const passed = Object.entries(options.environment).filter(([name]) => PASSED_ON.test(name))
  const path = `${options.environment['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`
  return { LANG: 'C.UTF-8', ...Object.fromEntries(passed), PATH: path }
}

/** Whether every folder above the paths lets other users pass. */
async function isReachable(...paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    for (let folder = path; folder !== '/'; folder = dirname(folder)) {
      if (((await stat(folder)).mode & 0o001) === 0) return false
    }
  }
  return true
}
