import { duplexPair, type Duplex } from 'node:stream'
import { LandfallError, type DiskChanges, type InstanceState } from '@landfall/model'
import type { LaunchPlan } from './launch-plan.ts'
import type {
  ImageDisk,
  ImageOptions,
  IndependenceOptions,
  InstanceDescription,
  InstanceDisk,
  Provider,
} from './provider.ts'

/** A PNG of one black pixel: the shortest true answer. */
const ONE_PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
)

/** What an RFB server says first: the version of the protocol. */
const RFB_GREETING = 'RFB 003.008\n'

/** Plans say nothing of sizes. */
const DISK_BYTES = 1024 ** 3

/** What every disk has written since its launch. */
const WRITTEN_BYTES = 40 * 1024 ** 2

/** A provider that only remembers: for tests of what is above providers. */
export class MemoryProvider implements Provider {
  readonly plans = new Map<string, LaunchPlan>()
  readonly #states = new Map<string, InstanceState>()
  readonly #consoles = new Map<string, string>()
  /** The guests' ends of the channels to their agents, as they were opened. */
  readonly guestChannels = new Map<string, Duplex>()
  /** The RFB servers' ends of screens, as they were opened. */
  readonly screens = new Map<string, Duplex>()
  /** Images by their IDs. */
  readonly images = new Map<string, readonly ImageDisk[]>()

  async problems(): Promise<readonly string[]> {
    return []
  }

  async launch(plan: LaunchPlan): Promise<void> {
    const known = this.#states.get(plan.instanceID)
    if (known === undefined) this.plans.set(plan.instanceID, plan)
    if (known === 'running') return
    this.#states.set(plan.instanceID, plan.start ? 'running' : 'stopped')
    this.#consoles.set(plan.instanceID, '')
  }

  async start(instanceID: string): Promise<void> {
    this.#planOf(instanceID)
    this.#states.set(instanceID, 'running')
  }

  async stop(instanceID: string): Promise<void> {
    this.#planOf(instanceID)
    this.#states.set(instanceID, 'stopped')
    this.screens.get(instanceID)?.end()
  }

  async reboot(instanceID: string): Promise<void> {
    this.#planOf(instanceID)
    if (this.#states.get(instanceID) !== 'running') throw notRunning(instanceID)
  }

  async describe(instanceID: string): Promise<InstanceDescription> {
    return { state: this.#states.get(instanceID) ?? 'terminated' }
  }

  async list(): Promise<string[]> {
    return [...this.#states.keys()]
  }

  async terminate(instanceID: string): Promise<void> {
    this.#states.delete(instanceID)
    this.plans.delete(instanceID)
    this.screens.get(instanceID)?.end()
  }

  async consoleOutput(instanceID: string): Promise<string> {
    return this.#consoles.get(instanceID) ?? ''
  }

  /** What the guest would have printed. */
  print(instanceID: string, text: string): void {
    this.#consoles.set(instanceID, (this.#consoles.get(instanceID) ?? '') + text)
  }

  async screenshot(instanceID: string): Promise<Buffer> {
    if (this.#states.get(instanceID) !== 'running') {
      throw notRunning(instanceID)
    }
    return ONE_PIXEL_PNG
  }

  async agentChannel(instanceID: string): Promise<Duplex> {
    if (this.#states.get(instanceID) !== 'running') throw noChannel(instanceID)
    const [host, guest] = duplexPair()
    this.guestChannels.set(instanceID, guest)
    return host
  }

  /** At its end is what an RFB server says by itself: its greeting. */
  async openScreen(instanceID: string): Promise<Duplex> {
    if (this.#states.get(instanceID) !== 'running') throw notRunning(instanceID)
    const [host, server] = duplexPair()
    server.write(RFB_GREETING)
    this.screens.set(instanceID, server)
    return host
  }

  async makeIndependent(instanceID: string, options: IndependenceOptions): Promise<InstanceDisk[]> {
    const plan = this.#planOf(instanceID)
    const disks = plan.disks.map((disk) => ({
      ...disk,
      path: disk.path.replace(/(\.independent)?$/, '.independent'),
    }))
    for (const { deviceName } of disks) options.onProgress({ deviceName, percent: 100 })
    this.plans.set(instanceID, { ...plan, disks })
    return disks.map(({ deviceName, path }) => ({ deviceName, path }))
  }

  async changes(instanceID: string): Promise<DiskChanges[]> {
    const { disks } = this.#planOf(instanceID)
    return disks.map(({ deviceName }) => ({ deviceName, writtenBytes: WRITTEN_BYTES }))
  }

  async createImage(instanceID: string, options: ImageOptions): Promise<ImageDisk[]> {
    const { imageID, signal } = options
    const plan = this.#planOf(instanceID)
    signal.throwIfAborted()
    const disks = plan.disks.map(({ deviceName }, index) => ({
      deviceName,
      path: `/images/${imageID}/${index}.qcow2`,
      sizeBytes: DISK_BYTES,
      fileBytes: DISK_BYTES,
    }))
    this.images.set(imageID, disks)
    return disks
  }

  async removeImage(imageID: string): Promise<void> {
    this.images.delete(imageID)
  }

  #planOf(instanceID: string): LaunchPlan {
    const plan = this.plans.get(instanceID)
    if (plan !== undefined) return plan
    throw new LandfallError('not_found', `There is no instance ${instanceID}.`, {
      resource: { resourceId: instanceID, resourceType: 'Instance' },
    })
  }
}

function noChannel(instanceID: string): LandfallError {
  const message = `There is no channel to an agent in instance ${instanceID}.`
  return new LandfallError('unavailable', message)
}

function notRunning(instanceID: string): LandfallError {
  return new LandfallError('conflict', `Instance ${instanceID} does not run.`)
}
