import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'

const POLL_MS = 2_000
/** First boot on new hardware under software emulation, on a machine that does other things too. */
const BOOT_DEADLINE_MS = 900_000

/** What the checker in a booted instance says about the writer's records. */
export interface RecordsCheck {
  readonly records: number
  readonly first: number
  readonly last: number
  /** Records whose checksum or place is wrong. */
  readonly bad: number
  /** Bytes of a record that was being written when the point was taken. */
  readonly torn: number
}

const PATTERN = /LANDFALL-DEMO records=(\d+) first=(\d+) last=(\d+) bad=(\d+) torn=(\d+)/

/** The checker's line in a console's text, if it is there. */
export function parseRecordsCheck(console_: string): RecordsCheck | undefined {
  const found = PATTERN.exec(console_)
  if (found === null) return undefined
  const [records = 0, first = 0, last = 0, bad = 0, torn = 0] = found.slice(1).map(Number)
  return { records, first, last, bad, torn }
}

/** Waits until an instance has said on its serial console what it found, and returns that. */
export async function awaitRecordsCheck(
  serialLogPath: string,
  options: { readonly signal: AbortSignal; readonly onProgress: (secondsWaited: number) => void },
): Promise<RecordsCheck> {
  const startedAt = Date.now()
  for (;;) {
    const text = await readFile(serialLogPath, 'utf8').catch(() => '') // Not booting yet.
    const check = parseRecordsCheck(text)
    if (check !== undefined) return check
    const waitedMs = Date.now() - startedAt
    if (waitedMs > BOOT_DEADLINE_MS) {
      throw new LandfallError(
        'unavailable',
        `The instance has not checked its records within ${BOOT_DEADLINE_MS / 60_000} minutes. ` +
          `The end of its console, ${serialLogPath}: ${text.slice(-500)}`,
      )
    }
    options.onProgress(waitedMs / 1000)
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
}

/** Refuses records that are not whole, in order and at least up to `acknowledged`. */
export function requireRecords(check: RecordsCheck, acknowledged: number): void {
  if (check.bad === 0 && check.records === check.last && check.last >= acknowledged) return
  throw new LandfallError(
    'internal',
    `The instance does not hold what was promised: ${JSON.stringify(check)}, while record ` +
      `${acknowledged} had been acknowledged before its point was taken.`,
  )
}
