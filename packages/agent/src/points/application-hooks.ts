import { errorText, type PointDescription } from '@landfall/model'
import type { FreezeMarker } from './freeze-marker.ts'
import { findHooks, FREEZE_HOOKS_DIR } from './hook-folder.ts'
import { runHook, THAW_HOOK_MS_MAX, type HookRun } from './hook-run.ts'

/** For all hooks together on their way to rest: applications wait for as long. */
export const FREEZE_HOOKS_MS_MAX = 60_000

export interface ApplicationHooksOptions {
  readonly marker: FreezeMarker
  readonly log: (message: string) => void
  readonly folder?: string
  readonly freezeMsMax?: number
  readonly thawMsMax?: number
}

/** A hook that was told to freeze and not yet to thaw, with what it left running. */
interface Told {
  readonly hook: string
  run?: HookRun
}

/**
 * Brings this machine's applications to rest for one point, by the administrator's hooks: each is
 * run with `freeze` in the order of the names, and with `thaw` in reverse. After a failure nothing
 * is at rest, and no hook is run again for this point.
 */
export class ApplicationHooks {
  readonly #options: Required<ApplicationHooksOptions>
  readonly #told: Told[] = []
  readonly #failures: { what: string; why: string }[] = []
  #areAtRest = false

  constructor(options: ApplicationHooksOptions) {
    this.#options = {
      folder: FREEZE_HOOKS_DIR,
      freezeMsMax: FREEZE_HOOKS_MS_MAX,
      thawMsMax: THAW_HOOK_MS_MAX,
      ...options,
    }
  }

  /** There are hooks, all were run, and none failed. */
  get areAtRest(): boolean {
    return this.#areAtRest
  }

  /** Hooks that failed or may not be run, each with the reason. */
  get failures(): PointDescription['notFrozen'] {
    return this.#failures
  }

  /**
   * Returns when the applications are at rest, or when it is known that they do not come to rest;
   * then all are told to go on. Throws only when aborted; then `thaw` is still to be called.
   */
  async freeze(signal: AbortSignal): Promise<void> {
    if (this.#failures.length > 0) return
    const { folder, freezeMsMax, log } = this.#options
    const { hooks, refusals } = await findHooks(folder)
    for (const { what, why } of refusals) this.#failed(what, why)
    if (refusals.length > 0 || hooks.length === 0) return
    const deadlineMs = performance.now() + freezeMsMax
    for (const hook of hooks) {
      const told: Told = { hook }
      this.#told.push(told)
      await this.#mark(this.#told)
      const timeoutMs = Math.max(0, Math.ceil(deadlineMs - performance.now()))
      told.run = await runHook(hook, 'freeze', { timeoutMs, log, signal })
      signal.throwIfAborted()
      if (told.run.failure !== undefined) return await this.giveUp(hook, told.run.failure)
    }
    this.#areAtRest = true
  }

  /** Lets the applications go on, and leaves them alone for the rest of this point. */
  async giveUp(what: string, why: string): Promise<void> {
    this.#failed(what, why)
    await this.thaw()
  }

  /**
   * Returns when each application was told to go on; after that it has nothing to do. Never throws:
   * a moment may have been captured, and must reach the replica.
   */
  async thaw(): Promise<void> {
    this.#areAtRest = false
    for (let told = this.#told.at(-1); told !== undefined; told = this.#told.at(-1)) {
      const failure = await this.#thaw(told.hook)
      told.run?.release()
      if (failure !== undefined) {
        this.#failed(told.hook, `${failure}; its application may still be at rest`)
      }
      this.#told.pop()
    }
  }

  async #thaw(hook: string): Promise<string | undefined> {
    const { log, thawMsMax } = this.#options
    try {
      const { failure, release } = await runHook(hook, 'thaw', { timeoutMs: thawMsMax, log })
      release()
      await this.#mark(this.#told.slice(0, -1))
      return failure
    } catch (error) {
      return errorText(error)
    }
  }

  async #mark(told: readonly Told[]): Promise<void> {
    await this.#options.marker.setHooks(told.map(({ hook }) => hook))
  }

  #failed(what: string, why: string): void {
    this.#options.log(`Freeze hook ${what}: ${why}`)
    this.#failures.push({ what, why })
  }
}
