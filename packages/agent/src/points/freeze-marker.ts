import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { errorText } from '@landfall/model'
import { readJson, writeFileAtomic } from '../agent-files.ts'
import { raisedPriority } from '../running/priority.ts'
import { distrust } from './hook-folder.ts'
import { killLeftOverHook, runHook, THAW_HOOK_MS_MAX } from './hook-run.ts'

interface Held {
  /** About to be frozen, in this order. */
  readonly mountPoints: readonly string[]
  /** Told to freeze, in this order. */
  readonly hooks: readonly string[]
}

const NOTHING: Held = { mountPoints: [], hooks: [] }

/**
 * Notes, on a filesystem in memory, what is about to be frozen and which applications are brought
 * to rest. Should agent and helper be killed together, the next agent lets all of it go on.
 */
export class FreezeMarker {
  readonly #path: string
  #held = NOTHING

  constructor(stateDir: string) {
    this.#path = path.join(stateDir, 'frozen.json')
  }

  async setMountPoints(mountPoints: readonly string[]): Promise<void> {
    await this.#set({ ...this.#held, mountPoints })
  }

  async setHooks(hooks: readonly string[]): Promise<void> {
    await this.#set({ ...this.#held, hooks })
  }

  /**
   * Thaws what an earlier agent left frozen, filesystems first, then applications in reverse order.
   * Mount points that are not frozen stay as they are; a hook is told to thaw once too often.
   */
  async thawLeftOver(log: (message: string) => void = () => undefined): Promise<void> {
    const left = (await readJson(this.#path)) as Partial<Held> | undefined
    if (left === undefined) return
    using _raised = raisedPriority()
    for (const mountPoint of (left.mountPoints ?? []).toReversed()) {
      const arguments_ = ['--unfreeze', mountPoint]
      await promisify(execFile)('fsfreeze', arguments_).catch(() => undefined)
    }
    for (const hook of (left.hooks ?? []).toReversed()) await thawLeftOverHook(hook, log)
    await this.#set(NOTHING)
  }

  async #set(held: Held): Promise<void> {
    this.#held = held
    if (held.mountPoints.length === 0 && held.hooks.length === 0) {
      await rm(this.#path, { force: true })
    } else {
      await writeFileAtomic(this.#path, JSON.stringify(held))
    }
  }
}

async function thawLeftOverHook(hook: string, log: (message: string) => void): Promise<void> {
  try {
    await killLeftOverHook(hook, 'freeze')
    const why = await distrust(hook)
    if (why !== undefined) return log(`Freeze hook ${hook}: not run: ${why}`)
    const { failure, release } = await runHook(hook, 'thaw', { timeoutMs: THAW_HOOK_MS_MAX, log })
    release()
    if (failure !== undefined) log(`Freeze hook ${hook}: ${failure}`)
  } catch (error) {
    // Removed meanwhile: there is nothing left to be told.
    log(`Freeze hook ${hook}: ${errorText(error)}`)
  }
}
