import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { errorText, type PointDescription } from '@landfall/model'

/** Where an administrator puts the hooks of this machine's applications (docs/freeze-hooks.md). */
export const FREEZE_HOOKS_DIR = '/etc/landfall-agent/freeze-hook.d'

/** What editors and package managers leave beside a file; the hooks of QEMU's agent skip these. */
const LEFT_BESIDE = /^\.|~$|\.(?:bak|orig|sample|rpm(?:new|orig|save)|dpkg-[a-z]+)$/

export interface FoundHooks {
  /** Paths, in the order of their names. */
  readonly hooks: readonly string[]
  /** What may not be run, and why; when there is one, none of the hooks is to be run. */
  readonly refusals: PointDescription['notFrozen']
}

/** The executable files of a folder. No folder: no hooks. */
export async function findHooks(folder: string): Promise<FoundHooks> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { hooks: [], refusals: [] }
    }
    return { hooks: [], refusals: [{ what: folder, why: errorText(error) }] }
  }
  const hooks: string[] = []
  for (const name of names.toSorted()) {
    const hook = path.join(folder, name)
    if (!LEFT_BESIDE.test(name) && (await isExecutableFile(hook))) hooks.push(hook)
  }
  const refusals: { what: string; why: string }[] = []
  for (const what of hooks.length === 0 ? [] : [folder, ...hooks]) {
    const why = await distrust(what)
    if (why !== undefined) refusals.push({ what, why: `not run: ${why}` })
  }
  return { hooks, refusals }
}

/**
 * Why a file is not to be run as root, with the remedy: somebody else could have put it there or
 * could change it. Undefined when only root can.
 */
export async function distrust(file: string): Promise<string | undefined> {
  const first = await realpath(file)
  for (let at = first; ; at = path.dirname(at)) {
    const { uid, mode } = await stat(at)
    if (uid !== 0) return `${at} belongs to user ${uid}, not to root (chown root ${at})`
    // In a sticky folder above, as /tmp is, nobody can replace what belongs to root.
    const isSticky = at !== first && (mode & 0o1000) !== 0
    if ((mode & 0o022) !== 0 && !isSticky) {
      return `${at} can be written by others than root (chmod go-w ${at})`
    }
    if (at === path.dirname(at)) return undefined
  }
}

async function isExecutableFile(file: string): Promise<boolean> {
  // A link to nothing is as good as no file.
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && found.isFile() && (found.mode & 0o111) !== 0
}
