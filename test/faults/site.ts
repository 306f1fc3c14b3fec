import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DeleteSourceServerCommand,
  DisconnectFromServiceCommand,
  type DataReplicationInfo,
} from '@aws-sdk/client-mgn'
import { InstalledAgent } from '../agent.ts'
import { type Installation, run } from '../installation.ts'
import { LoopDisk } from '../loop-disk.ts'
import { eventually } from '../eventually.ts'

export const DISK_BYTES = 256 * 1024 * 1024
/** Incompressible, so that an initial sync has something to carry. */
const CONTENT_MIB = 64

/** A source server of these tests: a disk with a mounted filesystem, its agent, and a load. */
export class Site implements AsyncDisposable {
  readonly installation: Installation
  readonly disk: LoopDisk
  /** Where the disk's filesystem is mounted. */
  readonly folder: string
  readonly agent: InstalledAgent
  #load: ChildProcess | undefined

  private constructor(
    installation: Installation,
    parts: { disk: LoopDisk; folder: string; agent: InstalledAgent },
  ) {
    this.installation = installation
    this.disk = parts.disk
    this.folder = parts.folder
    this.agent = parts.agent
  }

  /** Returns when the agent runs; its initial sync has just begun. */
  static async open(installation: Installation): Promise<Site> {
    await using undo = new AsyncDisposableStack()
    const disk = undo.use(await LoopDisk.create(DISK_BYTES))
    const folder = await disk.mountExt4()
    const content = `head -c ${CONTENT_MIB}M /dev/urandom >"$1/content" && sync -f "$1"`
    await run('sh', ['-c', content, 'sh', folder])
    const agent = await InstalledAgent.install(installation, [disk.device])
    undo.move()
    return new Site(installation, { disk, folder, agent })
  }

  get id(): string {
    return this.agent.sourceServerID
  }

  get stateDir(): string {
    return join('/run/landfall-agent', this.id)
  }

  /** Random writes on the disk until `stopLoad`. */
  startLoad(rateIops = 300): void {
    const job = ['--name=load', `--directory=${this.folder}`, '--size=32m', '--time_based']
    const pattern = ['--runtime=900', '--rw=randwrite', '--bs=4k', '--fsync=8']
    this.#load = spawn(
      'fio',
      [...job, ...pattern, `--rate_iops=${rateIops}`, '--output=/dev/null'],
      { stdio: 'ignore' },
    )
  }

  async stopLoad(): Promise<void> {
    const load = this.#load
    this.#load = undefined
    if (load === undefined || load.exitCode !== null || load.signalCode !== null) return
    load.kill('SIGTERM')
    await once(load, 'exit')
  }

  /** As DescribeSourceServers shows it. */
  async replication(): Promise<DataReplicationInfo> {
    return (await this.installation.sourceServer(this.id)).dataReplicationInfo ?? {}
  }

  /** Waits until replication is STALLED for this reason, and gives the raw error. */
  async untilStalled(reason: string, timeoutMs: number): Promise<string> {
    let seen = 'nothing'
    try {
      return await eventually('STALLED', timeoutMs, async () => {
        const { dataReplicationState: state, dataReplicationError: error } =
          await this.replication()
        seen = `${state} ${error?.error ?? ''} ${error?.rawError ?? ''}`
        return state === 'STALLED' && error?.error === reason ? error.rawError : undefined
      })
    } catch (cause) {
      throw new Error(`STALLED ${reason} was not shown, but ${seen}`, { cause })
    }
  }

  /** What the agent wrote to its log since `from`. */
  async log(from = 0): Promise<string> {
    return (await readFile(join(this.agent.installDir, 'agent.log'), 'utf8')).slice(from)
  }

  /** How many connections of the agent to the replication server stand. */
  async connections(): Promise<number> {
    const filter = ['state', 'established', 'dport', '=', `:${this.installation.replicationPort}`]
    return (await run('ss', ['-Htn', ...filter])).stdout.split('\n').filter(Boolean).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using undo = new AsyncDisposableStack()
    undo.use(this.disk)
    undo.defer(() => this.#forget())
    undo.use(this.agent)
    await this.stopLoad()
  }

  /** The service forgets the source server, and the staging area drops its replica. */
  async #forget(): Promise<void> {
    const client = await this.installation.client()
    const sourceServerID = this.id
    await client.send(new DisconnectFromServiceCommand({ sourceServerID }))
    await client.send(new DeleteSourceServerCommand({ sourceServerID }))
  }
}
