import { LandfallError } from '@landfall/model'
import { pause } from './wakeup.ts'

const POLL_MS = 20

/** Returns when `why` says nothing more; `unavailable` with what it says after `timeoutMs`. */
export async function until(
  signal: AbortSignal,
  timeoutMs: number,
  why: () => string | undefined,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    signal.throwIfAborted()
    const reason = why()
    if (reason === undefined) return
    if (performance.now() > deadlineMs) throw new LandfallError('unavailable', `${reason}.`)
    await pause(POLL_MS, signal)
  }
}
