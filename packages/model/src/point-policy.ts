import { LandfallError } from './errors.ts'
import { POINTS_PER_SERVER_MAX } from './limits.ts'
import type { PointReason } from './points.ts'

/** When points of a server are made by schedule, and how long they are kept. */
export interface PointPolicy {
  /** False: the schedule neither makes nor deletes a point. */
  readonly enabled: boolean
  /** A point is made this often. */
  readonly everyMinutes: number
  /** Every point is kept for so long, */
  readonly keepEveryForMinutes: number
  /** the first of each hour for so long, */
  readonly hourlyForMinutes: number
  /** and the first of each day for so long. Hours and days are those of UTC. */
  readonly dailyForMinutes: number
}

const HOUR = 60
const DAY = 24 * HOUR
const MINUTE_MS = 60_000

export const POINT_POLICY_DEFAULT: PointPolicy = {
  enabled: true,
  everyMinutes: 10,
  keepEveryForMinutes: HOUR,
  hourlyForMinutes: DAY,
  dailyForMinutes: 7 * DAY,
}

/** A freeze more often than this is a burden to the source; more seldom than a week no schedule. */
const EVERY_MINUTES_MIN = 1
const EVERY_MINUTES_MAX = 7 * DAY
const KEPT_MINUTES_MAX = 366 * DAY

/** Points that the policy leaves free: on demand, of launches, and pinned ones that outlive it. */
const SPARE_POINTS = 10
const POLICY_POINTS_MAX = POINTS_PER_SERVER_MAX - SPARE_POINTS

/**
 * What somebody asked for (or a launch needed) is kept at least so long: an operator makes a point
 * before a risky change and comes back to it the next morning.
 */
export const REQUESTED_KEPT_MINUTES = DAY

/** How many points the policy keeps once its longest time has passed. */
export function pointsKeptBy(policy: PointPolicy): number {
  const { everyMinutes, keepEveryForMinutes, hourlyForMinutes, dailyForMinutes } = policy
  const dense = Math.floor(keepEveryForMinutes / everyMinutes)
  const hourly = Math.floor(hourlyForMinutes / Math.max(everyMinutes, HOUR))
  const daily = Math.floor(dailyForMinutes / Math.max(everyMinutes, DAY))
  return 1 + dense + hourly + daily
}

/** Throws `validation`, naming each field that is wrong and what it may be. */
export function checkPointPolicy(policy: PointPolicy): void {
  const ranges: readonly (readonly [keyof PointPolicy, number, number])[] = [
    ['everyMinutes', EVERY_MINUTES_MIN, EVERY_MINUTES_MAX],
    ['keepEveryForMinutes', 0, KEPT_MINUTES_MAX],
    ['hourlyForMinutes', 0, KEPT_MINUTES_MAX],
    ['dailyForMinutes', 0, KEPT_MINUTES_MAX],
  ]
  const fields = ranges.flatMap(([name, min, max]) => {
    const value = policy[name]
    const isRight = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
    return isRight ? [] : [{ name, message: `is a whole number of minutes, ${min} to ${max}` }]
  })
  const kept = pointsKeptBy(policy)
  if (fields.length === 0 && kept > POLICY_POINTS_MAX) {
    const message =
      `would keep ${kept} points at a time, and a server can have ${POINTS_PER_SERVER_MAX}, of ` +
      `which a policy may use ${POLICY_POINTS_MAX}; make points more seldom or keep them less long`
    fields.push({ name: 'everyMinutes', message })
  }
  if (fields.length === 0) return
  const text = fields.map((field) => `${field.name} ${field.message}`).join('; ')
  throw new LandfallError('validation', `The point policy is not valid: ${text}`, { fields })
}

/** What the schedule goes by: when points were asked for, by the service's clock. */
export interface PointHistory {
  /** The last that did not fail. */
  readonly lastAt: Date
  /** The last, when it failed. */
  readonly failedAt: Date | undefined
}

/**
 * Whether the schedule wants a point now. Time is cut into slots of the policy's length that begin
 * at midnight UTC of 1970, so points do not drift and a restart changes nothing; a slot wants one
 * point. A point of another reason serves too, unless it lies less than half a slot back.
 * After a failure it is wanted again when `retryMs` have passed.
 */
export function isPointDue(
  policy: PointPolicy,
  { lastAt, failedAt }: PointHistory,
  clock: { readonly now: Date; readonly retryMs: number },
): boolean {
  if (!policy.enabled) return false
  const now = clock.now.getTime()
  const everyMs = policy.everyMinutes * MINUTE_MS
  const failedMs = failedAt === undefined ? Infinity : now - failedAt.getTime()
  if (failedMs >= 0 && failedMs < Math.min(clock.retryMs, everyMs)) return false
  const sinceMs = now - lastAt.getTime()
  // The clock was set back: what it said then means nothing now.
  if (sinceMs < 0) return true
  const slotStart = Math.floor(now / everyMs) * everyMs
  return lastAt.getTime() < slotStart && sinceMs >= everyMs / 2
}

/** An available point, as retention sees it. */
export interface RetainedPoint {
  readonly id: string
  /** By the service's clock; a source's may be wrong by years. */
  readonly madeAt: Date
  readonly reason: PointReason
  /** Pinned, or about to be: it and all before it stay, as layers above build on them. */
  readonly isHeld: boolean
}

/**
 * The IDs of the points to delete, oldest first. `points` are in the order in which they were made,
 * which no clock decides. Age is counted from the newest point, not from now: while no point is
 * made (the server is paused or stalled, the service stands still) nothing grows old, and the
 * newest never goes. A point is no younger than those after it, so a clock that was set back leaves
 * nothing "in the future"; one that is set forward ages everything by the jump, as if the time had
 * passed. Where more would stay than `pointsMax`, the oldest go of those that nobody asked for.
 */
export function pointsToDelete(
  points: readonly RetainedPoint[],
  policy: PointPolicy,
  pointsMax: number,
): string[] {
  const newest = points.at(-1)
  if (!policy.enabled || newest === undefined) return []
  const times = settledTimes(points)
  const now = newest.madeAt.getTime()
  const free = points.slice(points.findLastIndex((point) => point.isHeld) + 1, -1)
  const heldCount = points.length - free.length - 1
  const stays = (point: RetainedPoint, index: number) => {
    const at = times[index] ?? now
    const ageMinutes = (now - at) / MINUTE_MS
    const before = times[index - 1]
    const isFirstOf = (minutes: number) =>
      before === undefined || slotOf(before, minutes) !== slotOf(at, minutes)
    return (
      ageMinutes <= policy.keepEveryForMinutes ||
      (isRequested(point) && ageMinutes <= REQUESTED_KEPT_MINUTES) ||
      (ageMinutes <= policy.hourlyForMinutes && isFirstOf(HOUR)) ||
      (ageMinutes <= policy.dailyForMinutes && isFirstOf(DAY))
    )
  }
  const staying = free.filter((point, index) => stays(point, heldCount + index))
  const tooMany = Math.max(0, heldCount + staying.length + 1 - pointsMax)
  const crowdedOut = staying.filter((point) => !isRequested(point)).slice(0, tooMany)
  return free
    .filter((point) => !staying.includes(point) || crowdedOut.includes(point))
    .map((point) => point.id)
}

function isRequested({ reason }: RetainedPoint): boolean {
  return reason !== 'SCHEDULED'
}

function slotOf(at: number, minutes: number): number {
  return Math.floor(at / (minutes * MINUTE_MS))
}

/** When each was made, at the latest the time of the one after it. */
function settledTimes(points: readonly RetainedPoint[]): number[] {
  let least = Infinity
  return points
    .toReversed()
    .map(({ madeAt }) => {
      least = Math.min(least, madeAt.getTime())
      return least
    })
    .toReversed()
}
