import type { Duplex } from 'node:stream'
import type { DiskChanges, InstanceState } from '@landfall/model'
import type { LaunchPlan } from './launch-plan.ts'

export interface InstanceDescription {
  readonly state: InstanceState
  /** What the provider adds in its own words, e.g. libvirt's reason `paused (I/O error)`. */
  readonly detail?: string
}

export interface InstanceDisk {
  /** The source's device name, as in the launch plan. */
  readonly deviceName: string
  readonly path: string
}

export interface IndependenceOptions {
  readonly signal: AbortSignal
  /** Disk by disk, percent from 0 to 100. */
  readonly onProgress: (progress: { deviceName: string; percent: number }) => void
}

export interface ImageOptions {
  /** Names the image's files: of two calls with the same one, the later one's stay. */
  readonly imageID: string
  readonly signal: AbortSignal
}

export interface ImageDisk extends InstanceDisk {
  /** What a guest sees of it. */
  readonly sizeBytes: number
  /** What its file takes. */
  readonly fileBytes: number
}

/**
 * A place where instances run. Every method may be called again after a crash of the caller: the
 * result of two calls is that of one. A provider touches only instances that it launched itself.
 * Failures of the outside world are `LandfallError('unavailable')`; the caller may try again later.
 */
export interface Provider {
  /** What of the plan cannot be carried out here, a sentence each with the remedy. */
  problems(plan: LaunchPlan): Promise<readonly string[]>

  /**
   * Makes the instance exist, and run when the plan says `start`. Called again with the same
   * `instanceID` it finishes what is missing and never makes a second instance. A running instance
   * is left as it is, whatever the plan says. The disks must exist; they are used, not copied, and
   * stay the caller's.
   */
  launch(plan: LaunchPlan, signal?: AbortSignal): Promise<void>

  /**
   * Starts a stopped instance; a running one is left alone. `not_found` when it does not exist,
   * `conflict` while its disks are being copied.
   */
  start(instanceID: string): Promise<void>

  /**
   * Asks the guest to shut down; `isForced` cuts its power instead. A guest may take its time, or
   * not listen: `describe` tells. A stopped instance is left alone. `not_found` when it does not
   * exist.
   */
  stop(instanceID: string, options: { readonly isForced: boolean }): Promise<void>

  /** Asks the guest to start anew. `conflict` unless the instance runs. */
  reboot(instanceID: string): Promise<void>

  describe(instanceID: string): Promise<InstanceDescription>

  /** The IDs of all instances that this provider launched and that still exist. */
  list(): Promise<string[]>

  /**
   * Stops the instance at once and forgets it. Its console output stays, and so do the disks it was
   * launched with; those of `makeIndependent` are deleted, and so is what its firmware kept.
   * Succeeds when there is no such instance.
   */
  terminate(instanceID: string): Promise<void>

  /** The last 64 KiB of the serial console (EC2's own limit), after termination too. */
  consoleOutput(instanceID: string): Promise<string>

  /** What the screen shows, as PNG. `conflict` unless the instance runs. */
  screenshot(instanceID: string): Promise<Buffer>

  /**
   * Connects to the channel that leads to the instance's agent without any network (AGENT_PORT in
   * the guest). One connection at a time: another one waits, or is refused. `unavailable` while the
   * instance does not run, and when it has no channel.
   */
  agentChannel(instanceID: string, signal: AbortSignal): Promise<Duplex>

  /**
   * Opens the instance's screen, keyboard and pointer: at the other end is an RFB server (RFC 6143)
   * that asks for no password. Several may look at once. The stream ends with the power of the
   * instance. `conflict` unless it runs.
   */
  openScreen(instanceID: string, signal: AbortSignal): Promise<Duplex>

  /**
   * Makes every disk of the instance stand alone, copying what it shares with other files, while
   * the instance runs or while it is stopped. Afterwards the files it was launched with may be
   * deleted. A disk that is independent already is not copied again. Interrupted, the instance goes
   * on with the disks it had. `not_found` when there is no such instance.
   */
  makeIndependent(instanceID: string, options: IndependenceOptions): Promise<InstanceDisk[]>

  /**
   * What each disk has written since the launch, while the instance runs or not. Of a disk that was
   * made independent it is all that it holds. `not_found` when there is no such instance.
   */
  changes(instanceID: string, signal: AbortSignal): Promise<DiskChanges[]>

  /**
   * Copies the instance's disks, all as they are at one moment after the call, into qcow2 files
   * that stand alone and outlive it: without a pause while it runs, or while it is stopped. The
   * guest is not told: it is as if its power had been cut then. On return the files are durable;
   * after an interruption or a failure there are none, and the instance goes on. `conflict` when it
   * starts or stops meanwhile, and when it can be copied only while it is stopped. `not_found` when
   * there is no such instance.
   */
  createImage(instanceID: string, options: ImageOptions): Promise<ImageDisk[]>

  /** Deletes the image's files. Succeeds when there are none. */
  removeImage(imageID: string): Promise<void>
}
