import type { InstanceStepResult } from '@landfall/model'
import type { SsmInvocationRow } from '../ssm/tables.ts'

/** MGN's limit of a failure's reason. */
const REASON_CHARACTERS_MAX = 256

/** Of what a script wrote, its last words say why it gave up. */
const LAST_LINES = 4

export type ActionOutcome =
  | { readonly state: 'SUCCEEDED' }
  | { readonly state: 'FAILED'; readonly failure: string }

type Ended = Pick<
  SsmInvocationRow,
  'status' | 'status_details' | 'started_at' | 'ended_at' | 'trace' | 'steps'
>

/** What the end of its command means for an action. */
export function outcomeOf(ended: Ended, timeoutSeconds: number): ActionOutcome {
  if (ended.status === 'Success') return { state: 'SUCCEEDED' }
  return failed(reasonOf(ended, timeoutSeconds))
}

export function failed(reason: string): ActionOutcome {
  return { state: 'FAILED', failure: withinLimit(reason) }
}

function reasonOf(ended: Ended, timeoutSeconds: number): string {
  const { status, trace, steps } = ended
  const step = steps.findLast((one) => one.status !== 'Success')
  const isLate = status === 'Cancelled' && ranSeconds(ended) >= timeoutSeconds
  if (isLate || step?.status === 'TimedOut') {
    return `It did not end within ${timeoutSeconds} s and was stopped. ${lastWords(step)}`
  }
  if (status === 'Cancelled') return 'Its command was cancelled.'
  if (trace !== null) return trace
  if (step === undefined) return `Its command ended as ${ended.status_details}.`
  return `Exit status ${step.exitStatus}. ${lastWords(step)}`
}

function ranSeconds({ started_at: startedAt, ended_at: endedAt }: Ended): number {
  return startedAt === null || endedAt === null
    ? 0
    : (endedAt.getTime() - startedAt.getTime()) / 1000
}

function lastWords(step: InstanceStepResult | undefined): string {
  if (step === undefined) return ''
  const text = step.stderr.trim() === '' ? step.stdout : step.stderr
  return text.trim().split('\n').slice(-LAST_LINES).join('\n')
}

/** The beginning says what failed, the end why: what is too long is cut in between. */
function withinLimit(reason: string): string {
  const text = reason.trim()
  if (text.length <= REASON_CHARACTERS_MAX) return text
  const half = (REASON_CHARACTERS_MAX - 1) / 2
  return `${text.slice(0, Math.ceil(half))}…${text.slice(-Math.floor(half))}`.toWellFormed()
}
