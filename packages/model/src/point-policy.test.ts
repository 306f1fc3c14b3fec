import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LandfallError } from './errors.ts'
import { pointsMaxOf } from './limits.ts'
import {
  checkPointPolicy,
  isPointDue,
  POINT_POLICY_DEFAULT,
  pointsKeptBy,
  pointsToDelete,
  type PointPolicy,
  type RetainedPoint,
} from './point-policy.ts'

const MINUTE_MS = 60_000
const HOUR = 60
const DAY = 24 * HOUR
/** A Monday at midnight UTC. */
const START = Date.parse('2026-01-12T00:00:00.000Z')

/** Points made at these minutes after the start, named by them. */
function points(minutes: readonly number[], changes: Partial<RetainedPoint> = {}): RetainedPoint[] {
  return minutes.map((minute) => ({
    id: String(minute),
    madeAt: new Date(START + minute * MINUTE_MS),
    reason: 'SCHEDULED' as const,
    isHeld: false,
    ...changes,
  }))
}

const everyTen = (from: number, to: number) =>
  Array.from({ length: (to - from) / 10 + 1 }, (_, index) => from + 10 * index)

const TABLE: readonly {
  readonly name: string
  readonly points: readonly RetainedPoint[]
  readonly policy?: Partial<PointPolicy>
  readonly pointsMax?: number
  readonly deleted: readonly (number | string)[]
}[] = [
  { name: 'nothing of nothing', points: [], deleted: [] },
  { name: 'nothing of an hour', points: points(everyTen(0, 60)), deleted: [] },
  {
    name: 'all but the first of each hour, once they are older than an hour',
    points: points(everyTen(0, 2 * HOUR)),
    deleted: [10, 20, 30, 40, 50],
  },
  {
    name: 'all but the first of each day, once they are older than a day',
    points: points([0, 1 * HOUR, 2 * HOUR, DAY, DAY + HOUR, DAY + 2 * HOUR]),
    deleted: [HOUR],
  },
  {
    name: 'the first of a day, once it is older than a week',
    points: points([0, DAY, 7 * DAY, 7 * DAY + 10]),
    deleted: [0],
  },
  {
    name: 'a day that begins late keeps its first point all the same',
    points: points([5 * HOUR + 20, 6 * HOUR, 3 * DAY]),
    deleted: [6 * HOUR],
  },
  { name: 'not the newest, however old', points: points([0]), deleted: [] },
  {
    name: 'what is too old after a gap longer than every time of the policy',
    points: points([0, 10, 20, 30 * DAY]),
    deleted: [0, 10, 20],
  },
  {
    name: 'across a gap each side by its own age',
    points: points([0, 10, 5 * DAY, 5 * DAY + 10]),
    deleted: [10],
  },
  {
    name: 'nothing when the clock was set back by an hour: no point is in the future',
    points: points([HOUR + 30, HOUR + 40, 45, 55]),
    deleted: [],
  },
  {
    name: 'after a set-back clock, points of the wrong time grow old from its correction on',
    points: points([400 * DAY, 400 * DAY + 10, 20, 30, 2 * HOUR]),
    deleted: [400 * DAY + 10, 20, 30],
  },
  {
    name: 'with a clock set forward by an hour, every point but the first of each hour',
    points: points([0, 10, 20, 30 + HOUR, 40 + HOUR]),
    deleted: [10, 20],
  },
  {
    name: 'not for a day what was asked for or a launch needed',
    points: [
      ...points([0]),
      ...points([10], { reason: 'ON_DEMAND' }),
      ...points([20], { reason: 'LAUNCH' }),
      ...points([30, DAY + 10]),
    ],
    deleted: [30],
  },
  {
    name: 'what was asked for like the others, after a day',
    points: [...points([0]), ...points([10], { reason: 'ON_DEMAND' }), ...points([DAY + 11])],
    deleted: [10],
  },
  {
    name: 'nothing that is held, nor what lies before it',
    points: [...points([0, 10]), ...points([20], { isHeld: true }), ...points([30, 40, 5 * HOUR])],
    deleted: [30, 40],
  },
  {
    name: 'nothing where the newest is held',
    points: [...points([0, 10]), ...points([30 * DAY], { isHeld: true })],
    deleted: [],
  },
  {
    name: 'the oldest where there is no room, but not what was asked for',
    points: [...points([0], { reason: 'ON_DEMAND' }), ...points([10, 20, 30])],
    pointsMax: 2,
    deleted: [10, 20],
  },
  {
    name: 'nothing while the schedule is off',
    points: points([0, 10, 20, 30 * DAY]),
    policy: { enabled: false },
    deleted: [],
  },
  {
    name: 'by a policy without hours and days, all that is older than the first time',
    points: points([0, 10, 20, 30]),
    policy: { keepEveryForMinutes: 10, hourlyForMinutes: 0, dailyForMinutes: 0 },
    deleted: [0, 10],
  },
  {
    name: 'by a policy that keeps nothing, all but the newest',
    points: points([0, 10, 20]),
    policy: { keepEveryForMinutes: 0, hourlyForMinutes: 0, dailyForMinutes: 0 },
    deleted: [0, 10],
  },
]

for (const row of TABLE) {
  test(`retention deletes ${row.name}`, () => {
    const policy = { ...POINT_POLICY_DEFAULT, ...row.policy }
    const deleted = pointsToDelete(row.points, policy, row.pointsMax ?? 100)
    assert.deepEqual(deleted, row.deleted.map(String))
  })
}

test('a month of points by schedule leaves what the policy says, at any time', () => {
  let kept: RetainedPoint[] = []
  for (const minute of everyTen(0, 30 * DAY)) {
    kept = [...kept, ...points([minute])]
    const deleted = new Set(pointsToDelete(kept, POINT_POLICY_DEFAULT, 100))
    kept = kept.filter((point) => !deleted.has(point.id))
    assert.ok(kept.length <= pointsKeptBy(POINT_POLICY_DEFAULT))
  }
  const expected = new Set([
    ...Array.from({ length: 8 }, (_, day) => (23 + day) * DAY),
    ...Array.from({ length: 25 }, (_, hour) => 29 * DAY + hour * HOUR),
    ...everyTen(30 * DAY - HOUR, 30 * DAY),
  ])
  const ids = [...expected].toSorted((a, b) => a - b).map(String)
  assert.deepEqual(
    kept.map((point) => point.id),
    ids,
  )
})

const at = (minute: number) => new Date(START + minute * MINUTE_MS)

const DUE: readonly {
  readonly name: string
  readonly last: number
  readonly now: number
  readonly failed?: number
  readonly policy?: Partial<PointPolicy>
  readonly due: boolean
}[] = [
  { name: 'in the slot of the last', last: 10, now: 19.9, due: false },
  { name: 'at the beginning of the next slot', last: 10.5, now: 20, due: true },
  { name: 'less than half a slot after one of another reason', last: 19, now: 20, due: false },
  { name: 'half a slot after that one', last: 19, now: 24, due: true },
  { name: 'once after a pause of many slots', last: 0, now: 1000, due: true },
  { name: 'when the clock was set back by an hour', last: 70, now: 10, due: true },
  { name: 'when the clock was set forward by an hour', last: 10, now: 71, due: true },
  { name: 'soon after a failure', last: 0, now: 25, failed: 20, due: false },
  { name: 'when the pause after a failure is over', last: 0, now: 30, failed: 20, due: true },
  { name: 'when a failure lies in the future', last: 0, now: 30, failed: 90, due: true },
  { name: 'while the schedule is off', last: 0, now: 99, policy: { enabled: false }, due: false },
  { name: 'by a policy of its own', last: 0, now: 1, policy: { everyMinutes: 1 }, due: true },
]

for (const { name, last, now, failed, policy, due } of DUE) {
  test(`a point is ${due ? '' : 'not '}due: ${name}`, () => {
    const history = { lastAt: at(last), failedAt: failed === undefined ? undefined : at(failed) }
    const clock = { now: at(now), retryMs: 10 * MINUTE_MS }
    assert.equal(isPointDue({ ...POINT_POLICY_DEFAULT, ...policy }, history, clock), due)
  })
}

test('a policy that is wrong is refused, with each field and what it may be', () => {
  checkPointPolicy(POINT_POLICY_DEFAULT)
  const wrong = { ...POINT_POLICY_DEFAULT, everyMinutes: 0, hourlyForMinutes: 1.5 }
  assert.throws(
    () => checkPointPolicy(wrong),
    (error: LandfallError) => {
      assert.equal(error.code, 'validation')
      const names = error.details.fields?.map((field) => field.name)
      assert.deepEqual(names, ['everyMinutes', 'hourlyForMinutes'])
      return true
    },
  )
})

test('a policy that keeps more points than there can be is refused', () => {
  const many = { ...POINT_POLICY_DEFAULT, everyMinutes: 1, keepEveryForMinutes: 2 * HOUR }
  assert.throws(() => checkPointPolicy(many), /would keep 152 points/)
})

test('a server has fewer points the more disks it has', () => {
  assert.deepEqual([0, 1, 5, 6, 50].map(pointsMaxOf), [100, 100, 100, 99, 11])
})
