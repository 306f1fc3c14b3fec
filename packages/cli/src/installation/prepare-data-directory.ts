import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { DataPaths } from './data-directory.ts'
import type { SystemUser } from './system-user.ts'

/** Others may pass through but not look around: the system user needs the way to its folders. */
const PASSABLE = 0o711

/** The folders of an installation, with the modes the contract between the programs asks for. */
export async function prepareDataDirectory(paths: DataPaths, user: SystemUser): Promise<void> {
  await mkdir(paths.root, { recursive: true })
  await requirePassableParents(paths.root)
  const root = { uid: 0, gid: 0 }
  await folder(paths.root, PASSABLE, root)
  await folder(paths.logs, 0o755, root)
  await folder(paths.software, 0o755, root)
  await folder(paths.program, 0o755, root)
  await folder(paths.run, PASSABLE, root)
  // What the staging area writes, it writes below these: it may not write beside root's files.
  await folder(join(paths.run, 'staging'), PASSABLE, user)
  await folder(join(paths.logs, 'staging'), 0o755, user)
  await folder(paths.staging, PASSABLE, user)
  await folder(paths.instances, PASSABLE, user)
}

async function folder(path: string, mode: number, owner: { uid: number; gid: number }) {
  await mkdir(path, { recursive: true })
  await chown(path, owner.uid, owner.gid)
  await chmod(path, mode)
}

/** Refuses a data directory below a folder the system user cannot pass; names that folder. */
async function requirePassableParents(path: string): Promise<void> {
  let folderPath = dirname(path)
  for (;;) {
    const { mode } = await stat(folderPath)
    if ((mode & 0o001) === 0) {
      throw new LandfallError(
        'validation',
        `The data directory ${path} is below ${folderPath}, which other users may not pass ` +
          '(the staging area runs as its own user): choose another --data-dir, or ' +
          `\`chmod o+x ${folderPath}\`.`,
      )
    }
    if (folderPath === '/') return
    folderPath = dirname(folderPath)
  }
}
