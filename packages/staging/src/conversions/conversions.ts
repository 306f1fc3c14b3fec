import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { convertPoint } from '@landfall/conversion'
import {
  CONVERSIONS_AT_ONCE,
  isId,
  LandfallError,
  type StagingCommand,
  type StagingResults,
} from '@landfall/model'
import { pinPoint, unpinPoint } from '../points/pins.ts'
import type { StagingArea } from '../volumes/staging-area.ts'
import { accelerator } from './accelerator.ts'

type ConvertCommand = Extract<StagingCommand, { type: 'CONVERT' }>
type ConvertedDisks = StagingResults['CONVERT']['disks']

export interface ConversionsOptions {
  readonly area: StagingArea
  /** Holds a folder per instance. */
  readonly conversionsDir: string
  readonly applianceDir: string
  /** Holds a folder per server. */
  readonly learnedDir: string
  readonly convert: typeof convertPoint
  readonly log: (message: string) => void
  /** Aborts what is under way; it begins anew when its command comes to the next process. */
  readonly signal: AbortSignal
}

interface Running {
  readonly abort: AbortController
  readonly result: Promise<ConvertedDisks>
}

/** Conversions, in the background; each keeps its point until it is discarded, or has failed. */
export class Conversions {
  readonly #options: ConversionsOptions
  readonly #running = new Map<string, Running>()
  readonly #slots: Promise<unknown>[]
  #nextSlot = 0

  constructor(options: ConversionsOptions) {
    this.#options = options
    this.#slots = Array.from({ length: CONVERSIONS_AT_ONCE }, () => Promise.resolve())
  }

  /** Asked again while it runs, or after it has ended well, it has the same result. */
  convert(command: ConvertCommand): Promise<ConvertedDisks> {
    const { instanceID } = command
    checkInstanceID(instanceID)
    const running = this.#running.get(instanceID)
    if (running !== undefined) return running.result
    const abort = new AbortController()
    const result = this.#inSlot(() => this.#convert(command, abort.signal))
    this.#running.set(instanceID, { abort, result })
    const done = (): void => void this.#running.delete(instanceID)
    result.then(done, done)
    return result
  }

  /** Whether any runs, or waits for its turn. */
  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /** Ends the conversion if it runs, removes its disks and lets the point go. */
  async discard(instanceID: string): Promise<void> {
    checkInstanceID(instanceID)
    const running = this.#running.get(instanceID)
    running?.abort.abort(
      new LandfallError('conflict', `The conversion for instance ${instanceID} was discarded`),
    )
    await running?.result.catch(() => undefined)
    await rm(this.#workDir(instanceID), { recursive: true, force: true })
    await unpinPoint(this.#options.area, instanceID)
  }

  /** Removes what conversions of a server learned for the next ones, of which there are none. */
  async forget(sourceServerID: string): Promise<void> {
    await rm(this.#learnedDir(sourceServerID), { recursive: true, force: true })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ result }) => result))
  }

  async #convert(command: ConvertCommand, discarded: AbortSignal): Promise<ConvertedDisks> {
    const { area, log, signal, convert, conversionsDir, applianceDir } = this.#options
    const { instanceID, sourceServerID, pointID, plan } = command
    const eitherSignal = AbortSignal.any([signal, discarded])
    eitherSignal.throwIfAborted()
    const disks = await pinPoint(area, { sourceServerID, pointID, pinID: instanceID })
    try {
      await mkdir(conversionsDir, { recursive: true })
      const result = await convert({
        conversionID: instanceID,
        workDir: this.#workDir(instanceID),
        applianceDir,
        learnedDir: this.#learnedDir(sourceServerID),
        disks,
        plan,
        accelerator: await accelerator(),
        signal: eitherSignal,
        onProgress: ({ message }) => log(`${instanceID}: ${message}`),
      })
      for (const warning of result.warnings) log(`${instanceID}: ${warning}`)
      return result.disks
    } catch (error) {
      if (!signal.aborted) await unpinPoint(area, instanceID)
      throw error
    }
  }

  /** Side by side up to the limit, then in turn. */
  #inSlot<T>(operation: () => Promise<T>): Promise<T> {
    const slot = this.#nextSlot++ % this.#slots.length
    const result = (this.#slots[slot] ?? Promise.resolve()).then(operation)
    this.#slots[slot] = result.catch(() => undefined)
    return result
  }

  #learnedDir(sourceServerID: string): string {
    if (!isId('sourceServer', sourceServerID)) {
      throw new LandfallError('validation', `"${sourceServerID}" is not a source server ID`)
    }
    return join(this.#options.learnedDir, sourceServerID)
  }

  #workDir(instanceID: string): string {
    return join(this.#options.conversionsDir, instanceID)
  }
}

/** The ID becomes a path. */
function checkInstanceID(instanceID: string): void {
  if (isId('instance', instanceID)) return
  throw new LandfallError('validation', `"${instanceID}" is not an instance ID`)
}
