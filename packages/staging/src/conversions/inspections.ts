import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { inspectPoint } from '@landfall/conversion'
import { LandfallError, type StagingCommand, type StagingResults } from '@landfall/model'
import { pinPoint, unpinPoint } from '../points/pins.ts'
import type { StagingArea } from '../volumes/staging-area.ts'
import { accelerator } from './accelerator.ts'

type InspectCommand = Extract<StagingCommand, { type: 'INSPECT_POINT' }>
type Inspected = StagingResults['INSPECT_POINT']

export interface InspectionsOptions {
  readonly area: StagingArea
  /** Holds a folder for the one that runs. */
  readonly inspectionsDir: string
  readonly applianceDir: string
  readonly inspect: typeof inspectPoint
  /** Whether conversions run or wait. */
  readonly isConverting: () => boolean
  /** Aborts what is under way; it begins anew when its command comes to the next process. */
  readonly signal: AbortSignal
}

/**
 * Looks into points, one after the other, and only while nothing is converted: it runs a virtual
 * machine as a conversion does, and nobody waits for it.
 */
export class Inspections {
  readonly #options: InspectionsOptions
  #turn: Promise<unknown> = Promise.resolve()
  #yielding = new AbortController()

  constructor(options: InspectionsOptions) {
    this.#options = options
  }

  /** `conflict` when it has to make way for a conversion: nothing was changed, ask later. */
  inspect(command: InspectCommand): Promise<Inspected> {
    // As it is now: who makes way makes those way that wait, too.
    const { signal } = this.#yielding
    const result = this.#turn.then(() => this.#inspect(command, signal))
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** A conversion begins: ends the inspection that runs and those that wait. */
  async giveWay(): Promise<void> {
    this.#yielding.abort(makesWay())
    this.#yielding = new AbortController()
    await this.idle()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#turn
  }

  async #inspect(
    { sourceServerID, pointID, passphrases = [] }: InspectCommand,
    yielding: AbortSignal,
  ): Promise<Inspected> {
    const { area, inspect, inspectionsDir, applianceDir, isConverting, signal } = this.#options
    const eitherSignal = AbortSignal.any([signal, yielding])
    eitherSignal.throwIfAborted()
    if (isConverting()) throw makesWay()
    const pinID = `inspection ${pointID}`
    const disks = await pinPoint(area, { sourceServerID, pointID, pinID })
    try {
      await mkdir(inspectionsDir, { recursive: true })
      const facts = await inspect({
        pointID,
        workDir: join(inspectionsDir, 'running'),
        applianceDir,
        disks,
        passphrases,
        accelerator: await accelerator(),
        signal: eitherSignal,
      })
      return { facts }
    } finally {
      await unpinPoint(area, pinID)
    }
  }
}

function makesWay(): LandfallError {
  return new LandfallError('conflict', 'The inspection of a point makes way for a conversion')
}
