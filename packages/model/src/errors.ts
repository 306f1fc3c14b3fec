/**
 * The expected failures. One closed list; the service maps it to MGN's error shapes and HTTP
 * statuses, the command line to exit codes. Anything else that is thrown is a defect or the outside
 * world, and its text is for the log only.
 */
export const ERROR_CODES = [
  'uninitialized_account',
  'validation',
  'access_denied',
  'not_found',
  'conflict',
  'quota_exceeded',
  'throttled',
  'unavailable',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ResourceReference {
  readonly resourceId: string
  readonly resourceType: string
}

export interface ErrorDetails {
  readonly cause?: unknown
  /** What the error is about, e.g. `{resourceId: 's-…', resourceType: 'SourceServer'}`. */
  readonly resource?: ResourceReference
  /** Validation: the fields at fault. */
  readonly fields?: readonly { readonly name: string; readonly message: string }[]
  /** Conflict over several resources: each with its own sentence. */
  readonly errors?: readonly (ResourceReference & {
    readonly code: string
    readonly message: string
  })[]
  /** Quota: which, and its value. */
  readonly quota?: { readonly code: string; readonly value: number }
}

/**
 * A failure a person may read: the message is a sentence that names the cause, the thing and, where
 * there is one, the remedy.
 */
export class LandfallError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'LandfallError'
    this.code = code
    this.details = details
  }
}

/** The code of `error` or of the first cause that has one; `internal` when none has. */
export function errorCode(error: unknown): ErrorCode {
  let current = error
  while (current instanceof Error) {
    if (current instanceof LandfallError) return current.code
    current = current.cause
  }
  return 'internal'
}

/** The whole story of an error in one line: its message and those of its causes. */
export function errorText(error: unknown): string {
  const texts: string[] = []
  let current = error
  while (current instanceof Error) {
    texts.push(current.message)
    current = current.cause
  }
  if (texts.length === 0) texts.push(typeof current === 'string' ? current : thrown(current))
  return texts.filter(Boolean).join(': ')
}

/** Whatever it was that somebody threw. */
function thrown(value: unknown): string {
  return (typeof value === 'object' && JSON.stringify(value)) || String(value)
}
