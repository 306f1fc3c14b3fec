import { errorText, LandfallError, type PointDescription } from '@landfall/model'
import { raisedPriority } from '../running/priority.ts'
import { pause } from '../running/wakeup.ts'
import type { Hold, Sender } from '../replication/sender.ts'
import { RefusedError, type Session } from '../replication/session.ts'
import { requireLink, untilSteady } from '../replication/steady.ts'
import type { TrackedDisk } from '../replication/tracked-disk.ts'
import { ApplicationHooks } from './application-hooks.ts'
import { captureMoment, type Capture, type Copy } from './capture.ts'
import { FreezeHelper, type Frozen } from './freeze-helper.ts'
import type { FreezeMarker } from './freeze-marker.ts'
import { mountsOn, unfrozenUses, type DiskMount, type UnfrozenUse } from './mounts.ts'
import type { PointChanges } from './point-changes.ts'
import { CALM_MS, settle, untilBacklogIsSmall, type SettleContext } from './settle.ts'

/**
 * Tries with a freeze; then one without, which counts only if it catches one moment all the same.
 */
const FREEZE_ATTEMPTS_MAX = 5
const ATTEMPT_PAUSE_MS = 1000
/**
 * A server that writes faster than the line carries has no small backlog: then there is no point.
 */
const BACKLOG_MS_MAX = 120_000
/** Right before the freeze it waits less for a smaller backlog: the next sync has more to do. */
const SYNCED_CALM_MS = 100
const SYNC_MS_MAX = 120_000
/** Applications at rest wait no longer than twice this for what they wrote on their way there. */
const REST_MS_MAX = 15_000
const SENDS_AT_ONCE = 8

const NOT_ALL_WRITTEN = 'the replica did not take everything that was on its way'

export interface PointContext extends SettleContext {
  readonly marker: FreezeMarker
  readonly changes: PointChanges
  readonly arena: () => Buffer
  /** While true nobody may write to a file: it may be frozen. */
  readonly setHeld: (isHeld: boolean) => void
  readonly log: (message: string) => void
}

/**
 * Makes a point: one moment of all disks, with the filesystems frozen where possible and the
 * applications at rest where they have hooks, and returns once it is durable. Throws a
 * LandfallError with the reason of the last attempt: a copy that is not of one moment is never
 * passed for a point.
 */
export async function createPoint(
  context: PointContext,
  pointID: string,
  signal: AbortSignal,
): Promise<PointDescription> {
  const hooks = new ApplicationHooks({ marker: context.marker, log: context.log })
  let why = ''
  for (let attempt = 1; attempt <= FREEZE_ATTEMPTS_MAX + 1; attempt++) {
    const freezeFailure = attempt > FREEZE_ATTEMPTS_MAX ? why : undefined
    const outcome = await attemptPoint(context, { pointID, freezeFailure, hooks, signal })
    if (outcome.ok) return outcome.description
    why = outcome.why
    context.log(`Attempt ${attempt} at point ${pointID}: ${why}`)
    await pause(ATTEMPT_PAUSE_MS * attempt, signal)
    signal.throwIfAborted()
  }
  const attempts = FREEZE_ATTEMPTS_MAX + 1
  const sentence = `No point could be made in ${attempts} attempts; at the last one ${why}`
  throw new LandfallError('unavailable', `${sentence}. Try again when less is being written`)
}

type Outcome =
  | { readonly ok: true; readonly description: PointDescription }
  | { readonly ok: false; readonly why: string }

interface Attempt {
  readonly pointID: string
  /** Why this attempt goes without a freeze. */
  readonly freezeFailure: string | undefined
  readonly hooks: ApplicationHooks
  readonly signal: AbortSignal
}

async function attemptPoint(context: PointContext, attempt: Attempt): Promise<Outcome> {
  const disks = context.disks.map(({ deviceName, device }) => {
    return { deviceName, deviceNumber: device.deviceNumber }
  })
  const mounts = await mountsOn(disks.map(({ deviceNumber }) => deviceNumber))
  const uses = await unfrozenUses(disks, mounts)
  await untilSteady(context, attempt.signal)
  const timeouts = { syncMs: SYNC_MS_MAX, backlogMs: BACKLOG_MS_MAX, calmMs: CALM_MS }
  await settle(context, { mounts, timeouts, signal: attempt.signal })
  using holds = new DisposableStack()
  const found = await momentAtRest(context, { attempt, mounts, holds })
  const { moment, link } = found
  if (!moment.ok) return moment
  const { wereAtRest } = found
  const description = describe(attempt, { mounts, uses, moment, wereAtRest })
  try {
    await sendPoint({ ...link, moment, description })
  } catch (error) {
    if (error instanceof RefusedError || attempt.signal.aborted) throw error
    return { ok: false, why: errorText(error) }
  }
  return { ok: true, description }
}

interface Way {
  readonly attempt: Attempt
  readonly mounts: readonly DiskMount[]
  /** Takes the sender's hold, which lasts until the moment is sent. */
  readonly holds: DisposableStack
}

/** The moment, and whether applications were at rest in it. They go on before it is sent. */
async function momentAtRest(context: PointContext, way: Way) {
  const { attempt } = way
  const { hooks } = attempt
  using _raised = raisedPriority()
  try {
    if (attempt.freezeFailure === undefined) await bringToRest(context, way)
    const link = requireLink(context)
    const moment = await holdAndCapture(context, way, link.sender)
    return { moment, link, wereAtRest: hooks.areAtRest }
  } finally {
    await hooks.thaw()
  }
}

async function bringToRest(context: PointContext, { attempt, mounts }: Way): Promise<void> {
  const { hooks, signal } = attempt
  await hooks.freeze(signal)
  if (!hooks.areAtRest) return
  try {
    const timeouts = { syncMs: REST_MS_MAX, backlogMs: REST_MS_MAX, calmMs: 0 }
    await settle(context, { mounts, timeouts, signal })
  } catch (error) {
    signal.throwIfAborted()
    await hooks.giveUp('the freeze hooks', `applications waited at rest, but ${errorText(error)}`)
  }
}

interface Moment {
  readonly ok: true
  readonly capture: Extract<Capture, { ok: true }>
  readonly hold: Hold
  readonly held: Frozen
  readonly freezeMs: number
  readonly takenAt: string
}

const NOTHING_HELD: Frozen = { frozen: [], unfrozen: [] }

/**
 * Freezes, captures, thaws. What is dirty afterwards was written after the moment. The sender goes
 * on until everything is frozen, so that little is left to copy; what it took before has to be read
 * before the thaw, and may arrive after it.
 */
async function holdAndCapture(
  context: PointContext,
  { attempt, mounts, holds }: Way,
  sender: Sender,
): Promise<Moment | Extract<Capture, { ok: false }>> {
  const toFreeze = attempt.freezeFailure === undefined ? mounts : []
  const mountPoints = toFreeze.map((mount) => mount.mountPoint)
  // Touched before anything is frozen: making it may need memory, and memory may need the disk.
  const arena = context.arena()
  using helper = mountPoints.length > 0 ? await FreezeHelper.start(mountPoints) : undefined
  context.setHeld(true)
  try {
    if (helper !== undefined) {
      await context.marker.setMountPoints(mountPoints)
      await bringClose(context, helper, attempt.signal)
    }
    const startedMs = performance.now()
    const held = helper === undefined ? NOTHING_HELD : await helper.freeze()
    if (held === undefined) return { ok: false, why: 'the freeze did not come about in time' }
    const hold = holds.use(sender.hold())
    await hold.readsDone()
    const capture = await captureMoment({
      disks: context.disks,
      heldStill: disksHeldStill(context.disks, toFreeze, held),
      drain: context.drain,
      arena,
    })
    // Synchronously with the moment, so that every later write is seen.
    if (capture.ok) context.changes.follow(attempt.pointID, context.disks)
    const takenAt = new Date().toISOString()
    // Nothing may throw from here on: the copies would be lost, and with them what was written.
    const stoodStill = (await helper?.thaw().catch(() => false)) ?? true
    const freezeMs = helper === undefined ? 0 : Math.round(performance.now() - startedMs)
    if (capture.ok && stoodStill) return { ok: true, capture, hold, held, freezeMs, takenAt }
    if (!capture.ok) return capture
    putBack(capture.passes.flat())
    context.changes.forget(attempt.pointID)
    return { ok: false, why: 'the freeze took longer than it may and was ended by its timer' }
  } finally {
    await context.marker.setMountPoints([]).catch((error: unknown) => {
      // The next agent then thaws what is not frozen, which does nothing.
      context.log(`The note of frozen filesystems stays: ${errorText(error)}`)
    })
    context.setHeld(false)
  }
}

/** Writes out what the freeze would have to, and lets the sender catch up with it. */
async function bringClose(context: PointContext, helper: FreezeHelper, signal: AbortSignal) {
  await helper.sync()
  await untilBacklogIsSmall(context, { backlogMs: BACKLOG_MS_MAX, calmMs: SYNCED_CALM_MS, signal })
}

function disksHeldStill(
  disks: readonly TrackedDisk[],
  mounts: readonly DiskMount[],
  held: Frozen,
): Set<TrackedDisk> {
  const frozen = mounts.filter((mount) => held.frozen.includes(mount.mountPoint))
  const numbers = new Set(frozen.flatMap((mount) => mount.disks))
  return new Set(disks.filter((disk) => numbers.has(disk.device.deviceNumber)))
}

function describe(
  attempt: Attempt,
  found: {
    readonly mounts: readonly DiskMount[]
    readonly uses: readonly UnfrozenUse[]
    readonly moment: Moment
    readonly wereAtRest: boolean
  },
): PointDescription {
  const { mounts, uses, moment, wereAtRest } = found
  const notFrozen = uses.map(({ what, why }) => ({ what, why }))
  notFrozen.push(...attempt.hooks.failures)
  for (const { mountPoint, why } of moment.held.unfrozen) notFrozen.push({ what: mountPoint, why })
  if (attempt.freezeFailure !== undefined) {
    const why = `not frozen after ${FREEZE_ATTEMPTS_MAX} attempts: ${attempt.freezeFailure}`
    for (const { mountPoint } of mounts) notFrozen.push({ what: mountPoint, why })
  }
  for (const disk of moment.capture.unquiet) {
    const why = 'was written during the point, outside of its frozen filesystems'
    notFrozen.push({ what: disk.deviceName, why })
  }
  return {
    pointID: attempt.pointID,
    consistency: consistencyOf(moment, wereAtRest),
    frozen: moment.held.frozen,
    notFrozen,
    freezeMs: moment.freezeMs,
    takenAt: moment.takenAt,
  }
}

function consistencyOf(moment: Moment, wereAtRest: boolean): PointDescription['consistency'] {
  if (moment.held.frozen.length === 0) return 'crash'
  return wereAtRest ? 'application' : 'filesystem'
}

/**
 * Sends the copies once everything before them has arrived, then asks for the point. On failure all
 * is dirty again.
 */
async function sendPoint(options: {
  sender: Sender
  session: Session
  moment: Moment
  description: PointDescription
}): Promise<void> {
  const { sender, session, moment, description } = options
  const unsent = new Set(moment.capture.passes.flat())
  try {
    const { isAllWritten } = await moment.hold.drained()
    if (!isAllWritten) throw new LandfallError('unavailable', NOT_ALL_WRITTEN)
    for (const pass of moment.capture.passes) await sendPass(sender, pass, unsent)
  } finally {
    putBack(unsent)
  }
  await session.requestJson('point', description).answered
  sender.flushed()
}

async function sendPass(sender: Sender, pass: readonly Copy[], unsent: Set<Copy>): Promise<void> {
  const queue = pass.values()
  const outcomes = await Promise.allSettled(
    Array.from({ length: SENDS_AT_ONCE }, async () => {
      for (const copy of queue) {
        unsent.delete(copy)
        await sender.sendCopy(copy.disk, copy.extent, copy.bytes)
      }
    }),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function putBack(copies: Iterable<Copy>): void {
  for (const { disk, extent } of copies) disk.putBack(extent)
}
