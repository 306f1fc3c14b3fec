import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { DiskIdentities } from './replication/disk-identity.ts'

export const DEFAULT_INSTALL_DIR = '/var/lib/landfall-agent'

/** What the installer leaves in the install directory, and what the running agent adds. */
export function agentFiles(installDir: string) {
  return {
    installDir,
    settings: join(installDir, 'agent.json'),
    key: join(installDir, 'agent.key'),
    certificate: join(installDir, 'agent.crt'),
    ca: join(installDir, 'ca.crt'),
    log: join(installDir, 'agent.log'),
    olderLog: join(installDir, 'agent.log.1'),
    uninstallScript: join(installDir, 'uninstall-agent.sh'),
    /** Program files: node, agent.mjs, landfall-agent, supervise. */
    bin: join(installDir, 'bin'),
    launcher: join(installDir, 'bin', 'landfall-agent'),
    supervisor: join(installDir, 'bin', 'supervise'),
    supervisorPid: join(installDir, 'agent.pid'),
    /** The last configuration heard, so that replication starts while the service is down. */
    configuration: join(installDir, 'configuration.json'),
    /** The running agent's word to the installer. */
    status: join(installDir, 'status.json'),
    /** Present while an uninstall runs: the agent, told to stop, then also disposes of tracking. */
    uninstalling: join(installDir, 'uninstalling'),
    /** Written by the conversion: this is an instance, report its first boot. */
    instance: join(installDir, 'instance.json'),
    instanceReported: join(installDir, 'instance-reported'),
    /** Of an instance: the commands it was given, and what became of them. */
    commands: join(installDir, 'commands'),
  } as const
}

export type AgentFiles = ReturnType<typeof agentFiles>

/** `agent.json`. */
export interface AgentSettings {
  readonly endpoint: string
  /** The HTTP proxy on the way to the endpoint, with its password; from `https_proxy`. */
  readonly proxy?: string
  readonly region: string
  readonly sourceServerID: string
  /** Device paths, in the order of their index in the protocol. */
  readonly disks: readonly string[]
  /** What they said they are then: their names may be others' after the next boot. */
  readonly diskIdentities?: DiskIdentities
  /** What the installer saw and left out: no news. Absent in settings of before. */
  readonly leftOut?: readonly string[]
  readonly agentVersion: string
  readonly machine: StoredMachine
}

/** Kept so that a reinstall after a change of network cards is still the same machine. */
export interface StoredMachine {
  readonly identity: string
  readonly macAddresses: readonly string[]
  readonly machineID: string
}

/** `status.json`, deleted by the installer before it starts the agent. */
export interface AgentStatus {
  readonly pid: number
  /** When the service first answered this run; absent until then. */
  readonly polledAt?: string
  /** Why it has not answered yet. */
  readonly error?: string
}

/** Where the replicator keeps what must survive a restart but not a reboot. */
export function stateDirOf(sourceServerID: string): string {
  return join('/run/landfall-agent', sourceServerID)
}

/** What of a source server is outside the install directory: kernel tracing and its state. */
export function trackingOf({ sourceServerID }: Pick<AgentSettings, 'sourceServerID'>) {
  return { sourceServerID, stateDir: stateDirOf(sourceServerID) }
}

/** Settings of an installed agent; undefined when there are none. Throws when they are damaged. */
export async function readSettings(files: AgentFiles): Promise<AgentSettings | undefined> {
  return (await readJson(files.settings)) as AgentSettings | undefined
}

/** The object in a JSON file; undefined when the file does not exist. */
export async function readJson(path: string): Promise<object | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Falls through to the one error below.
  }
  throw new LandfallError('internal', `${path} is damaged. Run the installer again.`)
}

/** Replaces a file in one step, durably: readers see the old content or the new, never a part. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
