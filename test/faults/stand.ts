import { chown, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeReplicationConfigurationTemplatesCommand,
  UpdateReplicationConfigurationTemplateCommand,
} from '@aws-sdk/client-mgn'
import { Installation, run } from '../installation.ts'
import { PacketFilter } from './packet-filter.ts'
import { Site } from './site.ts'

/** Room for the replicas and points of the list; sparse, so that it costs what is written. */
const STAGING_BYTES = 6 * 1024 * 1024 * 1024
/** An initial sync of a new site takes some seconds at this rate. */
const NEW_SITE_MBPS = 150

/**
 * What the faults share: one installation, whose staging area is on a filesystem of its own that
 * can be filled, and one standing source server. A fault that fails costs the standing site: the
 * next one gets a new one.
 */
export class Stand implements AsyncDisposable {
  readonly installation: Installation
  readonly network: PacketFilter
  /** Folder of the staging area, a mount point of its own. */
  readonly stagingFolder: string
  #standing: Site | undefined

  private constructor(installation: Installation) {
    this.installation = installation
    this.stagingFolder = join(installation.dataDir, 'staging')
    this.network = new PacketFilter([installation.replicationPort, installation.port])
  }

  static async open(undo: AsyncDisposableStack): Promise<Stand> {
    const stagingDisk = undo.use(await StagingDisk.create())
    const installation = undo.use(await Installation.start())
    const { port, replicationPort } = installation
    await installation.landfall('down')
    await stagingDisk.mount(join(installation.dataDir, 'staging'))
    // Before the installation's folder is removed, the mount has to go.
    undo.defer(async () => {
      await installation.landfall('down')
      await stagingDisk.unmount()
    })
    const ports = ['--port', String(port), '--replication-port', String(replicationPort)]
    await installation.landfall('up', '--detach', ...ports)
    return undo.use(new Stand(installation))
  }

  /** CONTINUOUS; made anew when there is none. */
  async standingSite(): Promise<Site> {
    if (this.#standing === undefined) {
      await this.#setThrottle(0)
      this.#standing = await Site.open(this.installation)
    }
    await this.installation.untilContinuous(this.#standing.id)
    return this.#standing
  }

  async newSite(): Promise<Site> {
    await this.#setThrottle(NEW_SITE_MBPS)
    return await Site.open(this.installation)
  }

  /** Every site whose processes and files may be there. */
  get sites(): readonly Site[] {
    return this.#standing === undefined ? [] : [this.#standing]
  }

  /** After a failure nothing is known of the standing site. */
  async discardStanding(): Promise<void> {
    const site = this.#standing
    this.#standing = undefined
    await site?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using undo = new AsyncDisposableStack()
    undo.defer(() => this.discardStanding())
    await this.network.restore()
  }

  /** For source servers that are installed from now on. */
  async #setThrottle(bandwidthThrottling: number): Promise<void> {
    const client = await this.installation.client()
    const { items } = await client.send(new DescribeReplicationConfigurationTemplatesCommand({}))
    for (const { replicationConfigurationTemplateID } of items ?? []) {
      await client.send(
        new UpdateReplicationConfigurationTemplateCommand({
          replicationConfigurationTemplateID,
          bandwidthThrottling,
        }),
      )
    }
  }
}

/** A filesystem of its own for the staging area, in a file. */
class StagingDisk implements AsyncDisposable {
  readonly #folder: string
  readonly #image: string
  #mountPoint: string | undefined

  private constructor(folder: string) {
    this.#folder = folder
    this.#image = join(folder, 'staging.raw')
  }

  static async create(): Promise<StagingDisk> {
    const disk = new StagingDisk(await mkdtemp(join(tmpdir(), 'landfall-faults-')))
    await writeFile(disk.#image, '')
    await truncate(disk.#image, STAGING_BYTES)
    // Without blocks kept for root: full means full for the staging area's user and for us.
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', disk.#image])
    return disk
  }

  /** Over a folder, keeping its owner and mode. */
  async mount(mountPoint: string): Promise<void> {
    const { uid, gid, mode } = await stat(mountPoint)
    await run('mount', ['-o', 'loop', this.#image, mountPoint])
    this.#mountPoint = mountPoint
    await chown(mountPoint, uid, gid)
    await run('chmod', [(mode & 0o7777).toString(8), mountPoint])
    await rm(join(mountPoint, 'lost+found'), { recursive: true })
  }

  async unmount(): Promise<void> {
    if (this.#mountPoint !== undefined) await run('umount', [this.#mountPoint])
    this.#mountPoint = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unmount()
    await rm(this.#folder, { recursive: true })
  }
}
