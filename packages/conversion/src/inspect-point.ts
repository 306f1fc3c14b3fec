import { rm } from 'node:fs/promises'
import { readGuestFacts, type GuestFacts } from '@landfall/guest'
import { LandfallError, errorText } from '@landfall/model'
import { makeFolder, type ConversionOptions } from './convert-point.ts'
import { GuestDisks } from './guest-disks.ts'
import { endOrphans } from './orphans.ts'
import { ToolRunner } from './tool-runner.ts'

export type InspectionOptions = Pick<
  ConversionOptions,
  'workDir' | 'applianceDir' | 'disks' | 'user' | 'accelerator' | 'signal'
> & {
  /** For messages. */
  readonly pointID: string
  /** What opens encrypted devices. */
  readonly passphrases: readonly string[]
}

/**
 * What the system on a point's disks is made of. The layers are only read, and nothing is left of
 * it. The caller makes sure that one call per folder is under way.
 */
export async function inspectPoint(options: InspectionOptions): Promise<GuestFacts> {
  const { workDir, applianceDir, disks, passphrases, pointID, signal } = options
  await endOrphans(workDir)
  await rm(workDir, { recursive: true, force: true })
  await makeFolder(workDir, options)
  await makeFolder(applianceDir, options)
  try {
    await using tools = await ToolRunner.open(options)
    const drives = disks.map(({ deviceName, layerPath: path }) => ({ deviceName, path }))
    await using guest = await GuestDisks.open(tools, drives, passphrases, { isReadOnly: true })
    return await readGuestFacts(guest)
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof LandfallError) throw cause
    const message = `The disks of point ${pointID} cannot be looked at: ${errorText(cause)}`
    throw new LandfallError('unavailable', message, { cause })
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}
