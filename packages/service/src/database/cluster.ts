import { spawn, type ChildProcess } from 'node:child_process'
import { chown, mkdir, open, readFile, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import pg from 'pg'
import {
  CLUSTER_NAME,
  ensureClusterFiles,
  findPostgres,
  type ClusterOwner,
} from './cluster-files.ts'

export interface ClusterOptions extends ClusterOwner {
  /** Holds the database's files; made on the first start. Its parent must exist. */
  readonly dataDir: string
  /** Holds the socket; made when missing. PostgreSQL listens nowhere else. */
  readonly socketDir: string
  /** PostgreSQL's own messages are appended here. */
  readonly logFile: string
  /** Server settings above the defaults. Tests switch durability off here, nothing else does. */
  readonly settings?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Cluster extends AsyncDisposable {
  readonly connectionString: string
  /** Process ID of the postmaster. */
  readonly pid: number
  /** Whether it was running already. */
  readonly adopted: boolean
  /** Resolves when the postmaster has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Ends it: running transactions are rolled back. Returns when the process is gone. */
  stop(): Promise<void>
}

/**
 * After a kill, recovery and reaping of the old postmaster took up to 2 s; replay may take longer.
 */
const START_DEADLINE_MS = 60_000
const RETRY_MS = 250
/** A fast shutdown ends within a checkpoint's time; afterwards it is ended without one. */
const STOP_DEADLINE_MS = 20_000
const WATCH_MS = 1_000
/** Length of sun_path, less the terminating zero. */
const SOCKET_PATH_MAX = 107
const SOCKET_NAME = '.s.PGSQL.5432'

/** Told by a starting postmaster while a killed one, or its children, is not gone yet. */
const NOT_REAPED = /lock file "[^"]*" already exists|shared memory block .* still in use/

/** Address of the private cluster whose socket is in `socketDir`. */
export function clusterConnectionString(
  socketDir: string,
  database: string = CLUSTER_NAME,
): string {
  return `postgresql://${CLUSTER_NAME}@/${database}?host=${encodeURIComponent(socketDir)}`
}

/**
 * Has the private PostgreSQL cluster running when it returns: the one that runs already, or a new
 * process, which outlives this one. Throws when it does not answer within a minute.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { socketDir, uid, gid } = options
  if (path.join(socketDir, SOCKET_NAME).length > SOCKET_PATH_MAX) {
    throw new LandfallError(
      'validation',
      `The path ${socketDir} is too long for a socket. Choose a shorter data directory.`,
    )
  }
  const binDir = await findPostgres(options.dataDir)
  await ensureClusterFiles({ dataDir: options.dataDir, binDir, uid, gid })
  const dataDir = await realpath(options.dataDir)
  if ((await mkdir(socketDir, { recursive: true })) !== undefined) await chown(socketDir, uid, gid)
  const started = await startOrAdopt({ ...options, dataDir }, binDir)
  await ensureDatabase(socketDir)
  const ended = started.child === undefined ? watch(started.pid, dataDir) : endOf(started.child)
  const stop = () => stopPostmaster(started.pid, dataDir)
  return {
    connectionString: clusterConnectionString(socketDir),
    pid: started.pid,
    adopted: started.child === undefined,
    ended,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startOrAdopt(
  options: ClusterOptions,
  binDir: string,
): Promise<{ pid: number; child?: ChildProcess }> {
  const deadline = Date.now() + START_DEADLINE_MS
  let child: ChildProcess | undefined
  const logStart = await stat(options.logFile).then(
    (file) => file.size,
    () => 0,
  )
  while (Date.now() < deadline) {
    options.signal?.throwIfAborted()
    const answering = await answers(options)
    if (answering) {
      const pid = await readPid(options.dataDir)
      if (pid !== undefined) return child?.pid === pid ? { pid, child } : { pid }
    }
    if (child !== undefined && hasEnded(child)) {
      if (!NOT_REAPED.test(await logSince(options.logFile, logStart))) break
      child = undefined
    }
    child ??= await spawnPostmaster(options, binDir)
    await sleep(RETRY_MS, undefined, { signal: options.signal })
  }
  if (child !== undefined && !hasEnded(child)) child.kill('SIGQUIT')
  const last = (await logSince(options.logFile, logStart)).trim().split('\n').at(-1)
  throw new LandfallError(
    'unavailable',
    `PostgreSQL did not start. Its messages are in ${options.logFile}; the last: ${last}`,
  )
}

async function spawnPostmaster(options: ClusterOptions, binDir: string): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: options.socketDir,
    unix_socket_permissions: '0700',
    fsync: 'on',
    ...options.settings,
  }
  const log = await open(options.logFile, 'a', 0o640)
  try {
    const child = spawn(
      path.join(binDir, 'postgres'),
      ['-D', options.dataDir, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
      {
        uid: options.uid,
        gid: options.gid,
        cwd: '/',
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    )
    child.on('error', () => {}) // Shows as an ended child.
    child.unref()
    return child
  } finally {
    await log.close()
  }
}

/** Whether a server answers on our socket and serves our data directory. */
async function answers(options: ClusterOptions): Promise<boolean> {
  const client = new pg.Client({
    connectionString: clusterConnectionString(options.socketDir, 'postgres'),
  })
  client.on('error', () => {}) // A query that fails says so itself.
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    if (rows[0]?.data_directory === options.dataDir) return true
  } catch {
    return false // Not there, or still starting: the caller asks again.
  } finally {
    await client.end().catch(() => {})
  }
  throw new LandfallError(
    'conflict',
    `Another PostgreSQL uses the socket in ${options.socketDir}. Stop it, or choose another data directory.`,
  )
}

async function ensureDatabase(socketDir: string): Promise<void> {
  const client = new pg.Client({ connectionString: clusterConnectionString(socketDir, 'postgres') })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [CLUSTER_NAME])
    if (found.rowCount === 0) await client.query(`create database ${CLUSTER_NAME}`)
  } finally {
    await client.end()
  }
}

async function stopPostmaster(pid: number, dataDir: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await isPostmaster(pid, dataDir))) return
    process.kill(pid, signal)
    const deadline = Date.now() + STOP_DEADLINE_MS
    while (Date.now() < deadline) {
      if (!(await isPostmaster(pid, dataDir))) return
      await sleep(RETRY_MS / 5)
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end`)
}

/** Process IDs are used again: only a live process that works in our data directory counts. */
async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === dataDir
}

async function readPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(path.join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
}

async function watch(pid: number, dataDir: string): Promise<void> {
  while (await isPostmaster(pid, dataDir)) await sleep(WATCH_MS, undefined, { ref: false })
}

async function endOf(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  await new Promise((resolve) => child.once('exit', resolve))
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function logSince(logFile: string, start: number): Promise<string> {
  const text = await readFile(logFile).catch(() => Buffer.alloc(0))
  return text.subarray(start).toString()
}
