import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { userInfo } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { LandfallError } from '@landfall/model'

const run = promisify(execFile)

/** Where Debian's packages put each major version. */
const DISTRIBUTION_ROOT = '/usr/lib/postgresql'

/** Name of the superuser and of the database in the private cluster. */
export const CLUSTER_NAME = 'landfall'

export interface ClusterOwner {
  /** Unprivileged user and group that PostgreSQL runs as; it refuses to run as root. */
  readonly uid: number
  readonly gid: number
}

/**
 * The folder with the distribution's PostgreSQL programs. A data directory stays with the major
 * version that made it; a new one takes the newest that is installed.
 */
export async function findPostgres(dataDir: string): Promise<string> {
  const installed = await readdir(DISTRIBUTION_ROOT).catch(() => [])
  const versions = installed.filter((name) => /^\d+$/.test(name)).map(Number)
  const made = await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined)
  const wanted = made === undefined ? Math.max(...versions) : Number(made.trim())
  if (versions.includes(wanted)) return path.join(DISTRIBUTION_ROOT, String(wanted), 'bin')
  throw new LandfallError(
    'unavailable',
    made === undefined
      ? 'PostgreSQL is not installed. Install the package postgresql.'
      : `The database in ${dataDir} was made by PostgreSQL ${wanted}, which is not installed. ` +
          `Install the package postgresql-${wanted}.`,
  )
}

/**
 * Makes the cluster's files when there are none. They are made beside, synced and renamed, so a
 * process killed on the way leaves nothing that looks like a database.
 */
export async function ensureClusterFiles(
  options: ClusterOwner & { dataDir: string; binDir: string },
): Promise<void> {
  const { dataDir, uid, gid, binDir } = options
  if ((await readFile(path.join(dataDir, 'PG_VERSION')).catch(() => undefined)) !== undefined)
    return
  const temporary = `${dataDir}.tmp`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { mode: 0o700 })
  await chown(temporary, uid, gid)
  await run(
    path.join(binDir, 'initdb'),
    [
      '-D',
      temporary,
      '-U',
      CLUSTER_NAME,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      // Everything is synced once below.
      '--auth-local=peer',
      '--auth-host=reject',
      '--no-sync',
    ],
    { uid, gid, cwd: '/' },
  ).catch((cause: unknown) => {
    throw new Error(`initdb in ${temporary}`, { cause })
  })
  await writeAccessRules(temporary, options)
  await run('sync', ['-f', temporary])
  await rename(temporary, dataDir)
  await syncFolder(path.dirname(dataDir))
}

/**
 * Only the operating system user that starts the cluster gets in, by the kernel's word for who is
 * at the other end of the socket; no password exists.
 */
async function writeAccessRules(folder: string, owner: ClusterOwner): Promise<void> {
  const files = {
    'pg_hba.conf': `local all ${CLUSTER_NAME} peer map=${CLUSTER_NAME}\n`,
    'pg_ident.conf': `${CLUSTER_NAME} ${userInfo().username} ${CLUSTER_NAME}\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await writeFile(file, text)
    await chmod(file, 0o600)
    await chown(file, owner.uid, owner.gid)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
