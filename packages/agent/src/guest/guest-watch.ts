import { errorText } from '@landfall/model'
import { pause } from '../running/wakeup.ts'
import type { KnownRamdisk, Look } from './look.ts'

/** What is looked for changes by administrators' work, which a few looks a day would show. */
const LOOK_MS = 60 * 60_000

/** Replication gets under way first. */
const FIRST_LOOK_MS = 5000

/** A service that does not answer is told a little later. */
const RETRY_MS = 60_000

/** What has not changed is told all the same, so that its age says whether anybody looks. */
const TELL_AGAIN_MS = 24 * 60 * 60_000

/** Space that changes by less than this part of it is no news. */
const SPACE_STEPS = 16

export type LookAtGuest = (known: KnownRamdisk | undefined, signal: AbortSignal) => Promise<Look>

/** What of a look the service is told. */
export type Seen = Pick<Look, 'facts' | 'networkInterfaces'>

export interface GuestWatchOptions {
  readonly look: LookAtGuest
  readonly tell: (seen: Seen, lookedAt: Date, signal: AbortSignal) => Promise<void>
  readonly log: (message: string) => void
  readonly now: () => Date
  readonly firstLookMs?: number
  readonly lookMs?: number
  readonly retryMs?: number
}

/** Looks at the server at the start and every hour, and tells what has changed. Never throws. */
export async function watchGuest(options: GuestWatchOptions, signal: AbortSignal): Promise<void> {
  const { look, tell, log, now, lookMs = LOOK_MS, retryMs = RETRY_MS } = options
  let known: KnownRamdisk | undefined
  let told = ''
  let toldMs = -Infinity
  let failure = ''
  await pause(options.firstLookMs ?? FIRST_LOOK_MS, signal)
  while (!signal.aborted) {
    let waitMs = lookMs
    try {
      const { ramdisk, ...seen } = await look(known, signal)
      known = ramdisk
      const news = newsIn(seen)
      waitMs = retryMs
      const lookedAt = now()
      if (news !== told || lookedAt.getTime() - toldMs >= TELL_AGAIN_MS) {
        await tell(seen, lookedAt, signal)
        told = news
        toldMs = lookedAt.getTime()
      }
      waitMs = lookMs
      failure = ''
    } catch (error) {
      if (signal.aborted) return
      const text = errorText(error)
      if (text !== failure) log(`What the server is made of was not told for preflight: ${text}`)
      failure = text
    }
    await pause(waitMs, signal)
  }
}

/** What was seen, free space roughly: it changes all the time. */
function newsIn(seen: Seen): string {
  return JSON.stringify(seen, (key, value: unknown) => {
    return key === 'availableBytes' && typeof value === 'number' ? roughly(value) : value
  })
}

function roughly(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(Math.max(bytes, 1))) / SPACE_STEPS
  return Math.floor(bytes / step) * step
}
