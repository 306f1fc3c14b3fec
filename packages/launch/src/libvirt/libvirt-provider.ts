import { once } from 'node:events'
import { chown, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import {
  LandfallError,
  errorText,
  isId,
  type DiskChanges,
  type InstanceState,
} from '@landfall/model'
import type { LaunchPlan } from '../launch-plan.ts'
import type {
  ImageDisk,
  ImageOptions,
  IndependenceOptions,
  InstanceDescription,
  InstanceDisk,
  Provider,
} from '../provider.ts'
import { DiskTurns } from './disk-turns.ts'
import { readDomainDisks } from './domain-disks.ts'
import { METADATA_URI, domainName, domainXml } from './domain-xml.ts'
import type { DomainFiles, DomainOwner } from './domain-xml.ts'
import { findFirmware, prepareVariables } from './firmware.ts'
import { copyDisksToImage } from './image-disks.ts'
import { makeDisksIndependent, removeIndependentDisks } from './independent-disks.ts'
import { virshAt } from './virsh.ts'
import type { Virsh } from './virsh.ts'
import { writtenBytes } from './written-bytes.ts'

/** EC2's GetConsoleOutput gives the last 64 KB. */
const CONSOLE_BYTES_MAX = 64 * 1024

const AGENT_SOCKET = 'agent.sock'
const SCREEN_SOCKET = 'vnc.sock'

/** In an instance's folder: what its UEFI firmware keeps. */
const VARIABLES_FILE = 'uefi-variables.fd'

const LIBVIRT_QEMU_DIR = '/var/lib/libvirt/qemu'

export interface LibvirtProviderOptions {
  /** One folder per instance: serial log, screenshot, disks made independent. */
  readonly instancesDir: string
  /** One folder per image. */
  readonly imagesDir: string
  /**
   * Whom QEMU runs as; owner of the disks. Must be able to enter every folder above them, and for
   * KVM be in the group of /dev/kvm.
   */
  readonly owner: DomainOwner
  /** Default `qemu:///system`. */
  readonly uri?: string
}

/** Instances as libvirt domains called `landfall-i-…`, with our mark in their metadata. */
export class LibvirtProvider implements Provider {
  readonly #options: LibvirtProviderOptions
  readonly #virsh: Virsh
  readonly #turns = new DiskTurns()

  constructor(options: LibvirtProviderOptions) {
    this.#options = options
    this.#virsh = virshAt(options.uri ?? 'qemu:///system')
  }

  async problems({ firmware, secureBoot }: LaunchPlan): Promise<string[]> {
    if (firmware === 'bios') return []
    return findFirmware(secureBoot).then(
      () => [],
      (error: unknown) => [errorText(error)],
    )
  }

  async launch(plan: LaunchPlan, signal?: AbortSignal): Promise<void> {
    const folder = this.#folderOf(plan.instanceID)
    if ((await this.#stateOf(plan.instanceID)) === 'terminated') {
      await this.#prepareFolder(folder)
      const files = await this.#filesFor(plan, folder)
      const xmlPath = join(folder, 'domain.xml')
      await writeFile(xmlPath, domainXml(plan, files, await this.#qemuIdentity()), { mode: 0o600 })
      await this.#virsh(['define', xmlPath, '--validate'], { signal })
    }
    if (plan.start) await this.start(plan.instanceID)
  }

  async start(instanceID: string): Promise<void> {
    if ((await this.#existingState(instanceID)) === 'running') return
    if (this.#turns.isTaken(instanceID)) throw beingCopied(instanceID)
    try {
      await this.#virsh(['start', domainName(instanceID)])
    } catch (error) {
      // Somebody else may have been faster: then there is nothing left to do.
      if ((await this.#stateOf(instanceID)) !== 'running') throw error
    }
  }

  async stop(instanceID: string, { isForced }: { readonly isForced: boolean }): Promise<void> {
    if ((await this.#existingState(instanceID)) === 'stopped') return
    const command = isForced ? 'destroy' : 'shutdown'
    await this.#tolerating(instanceID, [command, domainName(instanceID)], 'stopped')
  }

  async reboot(instanceID: string): Promise<void> {
    if ((await this.#existingState(instanceID)) !== 'running') throw notRunning(instanceID)
    await this.#virsh(['reboot', domainName(instanceID)])
  }

  async describe(instanceID: string): Promise<InstanceDescription> {
    const state = await this.#stateOf(instanceID)
    if (state === 'terminated') return { state }
    const detail = await this.#virsh(['domstate', '--reason', domainName(instanceID)])
    return { state, detail: detail.trim() }
  }

  async list(): Promise<string[]> {
    const names = (await this.#virsh(['list', '--all', '--name'])).split('\n')
    const instanceIDs = names
      .filter((name) => name.startsWith('landfall-'))
      .map((name) => name.slice('landfall-'.length))
      .filter((instanceID) => isId('instance', instanceID))
    const ours: string[] = []
    for (const instanceID of instanceIDs) {
      if (await this.#isOurs(instanceID)) ours.push(instanceID)
    }
    return ours
  }

  async terminate(instanceID: string): Promise<void> {
    const state = await this.#stateOf(instanceID)
    const name = domainName(instanceID)
    if (state === 'running') await this.#tolerating(instanceID, ['destroy', name], 'stopped')
    if (state !== 'terminated') {
      const undefine = ['undefine', name, '--managed-save', '--snapshots-metadata', '--nvram']
      await this.#tolerating(instanceID, undefine, 'terminated')
    }
    // Also after an earlier attempt that ended here.
    await removeIndependentDisks(this.#folderOf(instanceID))
    await rm(join(this.#folderOf(instanceID), VARIABLES_FILE), { force: true })
  }

  async consoleOutput(instanceID: string): Promise<string> {
    const path = join(this.#folderOf(instanceID), 'serial.log')
    const handle = await open(path).catch(() => undefined)
    if (handle === undefined) return ''
    await using log = handle
    const { size } = await log.stat()
    const length = Math.min(size, CONSOLE_BYTES_MAX)
    const { buffer, bytesRead } = await log.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8', 0, bytesRead)
  }

  async screenshot(instanceID: string): Promise<Buffer> {
    if ((await this.#stateOf(instanceID)) !== 'running') {
      throw notRunning(instanceID)
    }
    const path = join(this.#folderOf(instanceID), `screen-${process.pid}.png`)
    try {
      await this.#virsh(['screenshot', domainName(instanceID), path])
      return await readFile(path)
    } finally {
      await rm(path, { force: true })
    }
  }

  async agentChannel(instanceID: string, signal: AbortSignal): Promise<Duplex> {
    const missing = `There is no channel to an agent in instance ${instanceID}.`
    return this.#connect(join(this.#folderOf(instanceID), AGENT_SOCKET), missing, signal)
  }

  async openScreen(instanceID: string, signal: AbortSignal): Promise<Duplex> {
    if ((await this.#stateOf(instanceID)) !== 'running') throw notRunning(instanceID)
    const missing = `The screen of instance ${instanceID} does not answer. Try again.`
    return this.#connect(join(this.#folderOf(instanceID), SCREEN_SOCKET), missing, signal)
  }

  async makeIndependent(instanceID: string, options: IndependenceOptions): Promise<InstanceDisk[]> {
    const folder = this.#folderOf(instanceID)
    const { owner } = this.#options
    return this.#turns.take(instanceID, options.signal, async () => {
      const state = await this.#existingState(instanceID)
      const task = { ...options, virsh: this.#virsh, instanceID, state, folder, owner }
      return makeDisksIndependent(task)
    })
  }

  async changes(instanceID: string, signal: AbortSignal): Promise<DiskChanges[]> {
    await this.#existingState(instanceID)
    const disks = await readDomainDisks(this.#virsh, instanceID)
    return Promise.all(
      disks.map(async ({ deviceName, path }) => ({
        deviceName,
        writtenBytes: await writtenBytes(path, signal),
      })),
    )
  }

  async createImage(instanceID: string, options: ImageOptions): Promise<ImageDisk[]> {
    const folder = this.#imageFolder(options.imageID)
    const { owner, imagesDir } = this.#options
    return this.#turns.take(instanceID, options.signal, async () => {
      const state = await this.#existingState(instanceID)
      await mkdir(imagesDir, { recursive: true, mode: 0o711 })
      const task = { ...options, virsh: this.#virsh, instanceID, state, folder, owner }
      return copyDisksToImage(task)
    })
  }

  async removeImage(imageID: string): Promise<void> {
    await rm(this.#imageFolder(imageID), { recursive: true, force: true })
  }

  /** Connects to a socket of QEMU's; `missing` says that nobody is there. */
  async #connect(path: string, missing: string, signal: AbortSignal): Promise<Duplex> {
    const socket = connect({ path, signal })
    try {
      await once(socket, 'connect')
    } catch (cause) {
      throw new LandfallError('unavailable', missing, { cause })
    }
    // Whoever reads it sees the error, too; without anybody it must not end the program.
    return socket.on('error', () => undefined)
  }

  /** Runs a command whose failure does not matter once the instance is in `wanted` anyway. */
  async #tolerating(instanceID: string, args: string[], wanted: InstanceState): Promise<void> {
    try {
      await this.#virsh(args)
    } catch (error) {
      const state = await this.#stateOf(instanceID)
      if (state !== wanted && state !== 'terminated') throw error
    }
  }

  async #existingState(instanceID: string): Promise<InstanceState> {
    const state = await this.#stateOf(instanceID)
    if (state !== 'terminated') return state
    throw new LandfallError('not_found', `There is no instance ${instanceID}.`, {
      resource: { resourceId: instanceID, resourceType: 'Instance' },
    })
  }

  async #stateOf(instanceID: string): Promise<InstanceState> {
    const name = domainName(checkedID(instanceID))
    const names = (await this.#virsh(['list', '--all', '--name'])).split('\n')
    if (!names.includes(name)) return 'terminated'
    if (!(await this.#isOurs(instanceID))) {
      const message = `libvirt has a domain ${name} that Landfall did not make. Rename or remove it.`
      throw new LandfallError('conflict', message)
    }
    const words = (await this.#virsh(['domstate', name])).trim()
    return words === 'shut off' || words === 'crashed' ? 'stopped' : 'running'
  }

  async #isOurs(instanceID: string): Promise<boolean> {
    const args = ['metadata', domainName(instanceID), '--uri', METADATA_URI]
    return this.#virsh(args).then(
      (xml) => xml.includes(instanceID),
      () => false,
    )
  }

  #folderOf(instanceID: string): string {
    return join(this.#options.instancesDir, checkedID(instanceID))
  }

  #imageFolder(imageID: string): string {
    if (isId('image', imageID)) return join(this.#options.imagesDir, imageID)
    throw new LandfallError('not_found', `"${imageID}" is not an image ID.`)
  }

  /**
   * The owner, in the group that may enter libvirt's own folder for QEMU, where libvirt puts files
   * for it: Debian and Ubuntu close that folder to others.
   */
  async #qemuIdentity(): Promise<DomainOwner> {
    const folder = await stat(LIBVIRT_QEMU_DIR).catch(() => undefined)
    const { uid, gid } = this.#options.owner
    // Root's own group would be too much; a folder of root's is open to everybody.
    return { uid, gid: folder?.gid || gid }
  }

  async #filesFor({ firmware, secureBoot }: LaunchPlan, folder: string): Promise<DomainFiles> {
    const files = {
      serialLogPath: join(folder, 'serial.log'),
      vncSocketPath: join(folder, SCREEN_SOCKET),
      agentSocketPath: join(folder, AGENT_SOCKET),
    }
    if (firmware === 'bios') return files
    const found = await findFirmware(secureBoot)
    const variablesPath = join(folder, VARIABLES_FILE)
    await prepareVariables(variablesPath, found, this.#options.owner)
    return { ...files, uefi: { ...found, variablesPath } }
  }

  /** QEMU, as the owner, makes sockets and disks in it; the serial log is opened by virtlogd. */
  async #prepareFolder(folder: string): Promise<void> {
    const { uid, gid } = this.#options.owner
    await mkdir(this.#options.instancesDir, { recursive: true, mode: 0o711 })
    await mkdir(folder, { recursive: true, mode: 0o750 })
    await chown(folder, uid, gid)
    const log = join(folder, 'serial.log')
    await (await open(log, 'a', 0o640)).close()
    await chown(log, uid, gid)
  }
}

function notRunning(instanceID: string): LandfallError {
  return new LandfallError('conflict', `Instance ${instanceID} does not run.`)
}

function beingCopied(instanceID: string): LandfallError {
  const message = `The disks of instance ${instanceID} are being copied. Start it when that has ended.`
  return new LandfallError('conflict', message)
}

/** IDs become file and domain names. */
function checkedID(instanceID: string): string {
  if (isId('instance', instanceID)) return instanceID
  throw new LandfallError('not_found', `"${instanceID}" is not an instance ID.`)
}
