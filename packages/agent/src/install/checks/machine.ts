import { readFile, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RAM_MIB_NEEDED, SPACE_MIB_TO_RUN } from '../requirements.ts'
import { failed, passed, type CheckResult } from './check.ts'

const MIB = 1024 * 1024

/** What the checks of the machine look at. */
export interface MachineFacts {
  readonly userID: number
  /** Node's word: `x64`. */
  readonly architecture: string
  readonly availableRamBytes: number
  readonly freeBytes: number
}

/** Facts of this machine; the installer's own memory counts as available, it ends soon. */
export async function readMachineFacts(installDir: string): Promise<MachineFacts> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = /^(?:MemAvailable|MemFree):\s+(\d+) kB/m
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo) ?? available.exec(meminfo)
  return {
    userID: process.getuid?.() ?? -1,
    architecture: process.arch,
    availableRamBytes: Number(match?.[1] ?? 0) * 1024 + process.memoryUsage.rss(),
    freeBytes: await freeBytes(installDir),
  }
}

export function checkMachine(facts: MachineFacts, installDir: string): CheckResult[] {
  return [
    checkRoot(facts.userID),
    checkArchitecture(facts.architecture),
    checkRam(facts.availableRamBytes),
    checkSpace(facts.freeBytes, installDir),
  ]
}

function checkRoot(userID: number): CheckResult {
  const name = 'Root'
  return userID === 0
    ? passed(name)
    : failed(name, `The installer runs as user ${userID} and must run as root. Use sudo.`)
}

function checkArchitecture(architecture: string): CheckResult {
  const name = 'Architecture'
  return architecture === 'x64'
    ? passed(name, 'x86_64')
    : failed(
        name,
        `This machine is ${architecture}; only x86_64 can be migrated. Leave it where it is.`,
      )
}

function checkRam(bytes: number): CheckResult {
  const name = 'RAM'
  const free = Math.floor(bytes / MIB)
  return free >= RAM_MIB_NEEDED
    ? passed(name, `${free} MiB available`)
    : failed(
        name,
        `${free} MiB of RAM are available, ${RAM_MIB_NEEDED} MiB are needed. Stop something or add memory.`,
      )
}

function checkSpace(bytes: number, installDir: string): CheckResult {
  const name = 'Disk space'
  const free = Math.floor(bytes / MIB)
  return free >= SPACE_MIB_TO_RUN
    ? passed(name, `${free} MiB free for ${installDir}`)
    : failed(
        name,
        `${free} MiB are free for ${installDir}, ${SPACE_MIB_TO_RUN} MiB are needed. Free some, or install elsewhere with --install-dir.`,
      )
}

/** Free bytes where `path` is, or will be. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    if (path === dirname(path)) throw error
    return freeBytes(dirname(path))
  }
}
