import { createHash } from 'node:crypto'
import { chown, mkdir, rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { readGuestFacts } from '@landfall/guest'
import { LandfallError, errorText } from '@landfall/model'
import type { ConversionPlan } from '@landfall/model'
import { adaptGuest } from './adapt-guest.ts'
import { readRecord, writeRecord } from './conversion-record.ts'
import { GuestDisks } from './guest-disks.ts'
import { endOrphans } from './orphans.ts'
import { createOverlay } from './overlay.ts'
import { KeptRamdisk } from './ramdisk/kept-ramdisk.ts'
import { prepareRamdisk, type Preparation } from './ramdisk/prepare-ramdisk.ts'
import { ToolRunner } from './tool-runner.ts'
import { runConverter } from './virt-v2v.ts'

export interface ConversionDisk {
  readonly deviceName: string
  /** The frozen layer to convert, qcow2. It is only read. */
  readonly layerPath: string
  readonly sizeBytes: number
}

export interface ConversionProgress {
  readonly step: 'overlays' | 'adapting' | 'converting' | 'finishing'
  /** A sentence for people. */
  readonly message: string
}

export interface ConversionOptions {
  /** For messages: whose conversion it is. */
  readonly conversionID: string
  /**
   * Absolute; this conversion's own folder, made when missing. Holds the overlays, the log and the
   * record. To undo a conversion, delete the folder. All of its parents must let `user` pass.
   */
  readonly workDir: string
  /** Where libguestfs keeps its appliance between conversions (some 400 MB). Made when missing. */
  readonly applianceDir: string
  /** What conversions of this server learn for the next. Made when missing; may be deleted. */
  readonly learnedDir: string
  /** All disks of the server, the boot disk first. */
  readonly disks: readonly ConversionDisk[]
  readonly plan: ConversionPlan
  /** Whom the tools run as. Absent: whoever we are; give it when we are root. */
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly accelerator: 'kvm' | 'tcg'
  readonly signal: AbortSignal
  readonly onProgress: (progress: ConversionProgress) => void
}

export interface ConversionResult {
  /** The instance's own disks (qcow2), writable, in the order given. */
  readonly disks: readonly { readonly deviceName: string; readonly path: string }[]
  /** What could not be adapted, each a sentence for the job log. */
  readonly warnings: readonly string[]
  readonly logPath: string
}

/**
 * Makes a bootable copy of a point: an overlay on each layer, adapted and converted, and on it the
 * instance's own overlay. The layers are never written to and must stay as long as the result.
 *
 * Called again after it was completed it returns the same result at once. Called again after its
 * caller was killed it ends what is left running and starts afresh. The caller makes sure that one
 * call per folder is under way. A failed or aborted conversion leaves its log and nothing else.
 */
export async function convertPoint(options: ConversionOptions): Promise<ConversionResult> {
  checkOptions(options)
  const { workDir } = options
  const identity = identityOf(options)
  const completed = await readRecord(workDir, identity)
  if (completed !== undefined) return completed
  await endOrphans(workDir)
  await rm(workDir, { recursive: true, force: true })
  await makeFolder(workDir, options)
  await makeFolder(options.applianceDir, options)
  await makeFolder(options.learnedDir, options)
  await using tools = await ToolRunner.open(options)
  try {
    const result = await convert(options, tools)
    await writeRecord(workDir, identity, result)
    return result
  } catch (cause) {
    await tools.endAll()
    await removeOverlays(options)
    options.signal.throwIfAborted()
    if (cause instanceof LandfallError) throw cause
    const message = `Conversion ${options.conversionID} failed: ${errorText(cause)}. Log: ${tools.logPath}`
    throw new LandfallError('unavailable', message, { cause })
  } finally {
    await rm(tools.scratchDir, { recursive: true, force: true })
  }
}

async function convert(options: ConversionOptions, tools: ToolRunner): Promise<ConversionResult> {
  const { disks, onProgress, workDir } = options
  onProgress({ step: 'overlays', message: `making overlays for ${disks.length} disk(s)` })
  const converted = disks.map((disk, index) => ({
    deviceName: disk.deviceName,
    path: convertedPath(workDir, index),
  }))
  for (const [index, disk] of disks.entries()) {
    const path = convertedPath(workDir, index)
    await createOverlay(tools, { path, backingPath: disk.layerPath, sizeBytes: disk.sizeBytes })
  }
  const { warnings, preparation } = await adaptDisks(tools, converted, options)
  if (preparation.kind === 'converter') {
    onProgress({ step: 'converting', message: `by virt-v2v, because ${preparation.why}` })
    await runConverter(tools, { disks: converted, workDir }, (message) => {
      onProgress({ step: 'converting', message })
    })
  }
  onProgress({ step: 'finishing', message: 'making the disks of the instance' })
  for (const [index, disk] of disks.entries()) {
    const path = instancePath(workDir, index)
    const backingPath = convertedPath(workDir, index)
    await createOverlay(tools, { path, backingPath, sizeBytes: disk.sizeBytes })
  }
  return {
    disks: disks.map(({ deviceName }, index) => ({
      deviceName,
      path: instancePath(workDir, index),
    })),
    warnings,
    logPath: tools.logPath,
  }
}

async function adaptDisks(
  tools: ToolRunner,
  disks: readonly { deviceName: string; path: string }[],
  { plan, learnedDir, onProgress }: ConversionOptions,
): Promise<{ warnings: readonly string[]; preparation: Preparation }> {
  onProgress({ step: 'adapting', message: 'opening the disks' })
  await using guest = await GuestDisks.open(tools, disks, plan.passphrases)
  onProgress({ step: 'adapting', message: 'looking at the system' })
  const facts = await readGuestFacts(guest)
  onProgress({ step: 'adapting', message: 'adapting agent, network and boot settings' })
  const before = await guest.read('/etc/crypttab')
  const warnings = await adaptGuest(guest, plan)
  const settings = await guest.read('/etc/crypttab')
  const preparation = await prepareRamdisk(guest, facts, {
    settings: settings ?? '',
    isStale: settings !== before,
    kept: new KeptRamdisk(learnedDir),
    onProgress: (message) => onProgress({ step: 'converting', message }),
  })
  if (preparation.kind === 'prepared') {
    onProgress({ step: 'converting', message: preparation.message })
  }
  await guest.close()
  return { warnings, preparation }
}

function checkOptions(options: ConversionOptions): void {
  if (options.disks.length === 0) {
    const message = `Conversion ${options.conversionID} has no disks: the point is empty.`
    throw new LandfallError('validation', message)
  }
  for (const path of [
    options.workDir,
    options.applianceDir,
    options.learnedDir,
    ...options.disks.map((d) => d.layerPath),
  ]) {
    if (!isAbsolute(path)) throw new Error(`${path} is not absolute`)
  }
}

/** A result is only good for the request it was made for. */
function identityOf({ disks, plan }: ConversionOptions): string {
  return createHash('sha256').update(JSON.stringify({ disks, plan })).digest('hex')
}

export async function makeFolder(
  path: string,
  options: Pick<ConversionOptions, 'user'>,
): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 })
  if (options.user !== undefined) await chown(path, options.user.uid, options.user.gid)
}

async function removeOverlays({ disks, workDir }: ConversionOptions): Promise<void> {
  for (const index of disks.keys()) {
    await rm(instancePath(workDir, index), { force: true })
    await rm(convertedPath(workDir, index), { force: true })
  }
}

function convertedPath(workDir: string, index: number): string {
  return join(workDir, `converted-${index}.qcow2`)
}

function instancePath(workDir: string, index: number): string {
  return join(workDir, `instance-${index}.qcow2`)
}
