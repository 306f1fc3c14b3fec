import type { ErrorCode } from '@landfall/model'
import { MalformedPolicyError } from '../identity/policy-document.ts'
import { AUTHENTICATION_PROBLEMS, AuthenticationError } from './authentication-error.ts'
import { expectedFailure, INTERNAL_MESSAGE, RequestError, RequestTooLargeError } from './failure.ts'
import type { ModelOperation } from './service-model.ts'

export interface QueryError {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** IAM's names and statuses for our codes; a conflict's name depends on the operation. */
const CODES: Readonly<Record<Exclude<ErrorCode, 'conflict'>, { status: number; code: string }>> = {
  uninitialized_account: { status: 400, code: 'ValidationError' },
  validation: { status: 400, code: 'ValidationError' },
  access_denied: { status: 403, code: 'AccessDenied' },
  not_found: { status: 404, code: 'NoSuchEntity' },
  quota_exceeded: { status: 409, code: 'LimitExceeded' },
  throttled: { status: 400, code: 'Throttling' },
  unavailable: { status: 503, code: 'ServiceUnavailable' },
  internal: { status: 500, code: 'ServiceFailure' },
}

/** How `error`, met in `operation`, is told to a client of the query protocol. */
export function toQueryError(error: unknown, operation: ModelOperation | undefined): QueryError {
  if (error instanceof AuthenticationError) {
    const { status, query } = AUTHENTICATION_PROBLEMS[error.problem]
    return { status, code: query, message: error.message }
  }
  if (error instanceof RequestTooLargeError) {
    return { status: 413, code: 'RequestEntityTooLarge', message: error.message }
  }
  const failure = expectedFailure(error)
  if (failure === undefined) return { ...CODES.internal, message: INTERNAL_MESSAGE }
  const { code, message } = failure
  if (failure instanceof MalformedPolicyError) {
    return { status: 400, code: 'MalformedPolicyDocument', message }
  }
  if (failure instanceof RequestError && failure.reason === 'unknownOperation') {
    return { status: 400, code: 'InvalidAction', message }
  }
  if (code !== 'conflict') return { ...CODES[code], message }
  const exists = operation?.errors.includes('EntityAlreadyExistsException') ?? false
  return { status: 409, code: exists ? 'EntityAlreadyExists' : 'DeleteConflict', message }
}
