import type { ErrorCode } from '@landfall/model'
import { Ec2Error } from '../ec2/ec2-error.ts'
import { AUTHENTICATION_PROBLEMS, AuthenticationError } from './authentication-error.ts'
import { NOT_THERE } from './read-input.ts'
import { expectedFailure, INTERNAL_MESSAGE, RequestError, RequestTooLargeError } from './failure.ts'

interface Ec2ErrorAnswer {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** EC2's names and statuses for our codes, where an operation has no better one. */
const CODES: Readonly<Record<ErrorCode, { status: number; code: string }>> = {
  uninitialized_account: { status: 400, code: 'OptInRequired' },
  validation: { status: 400, code: 'InvalidParameterValue' },
  access_denied: { status: 403, code: 'UnauthorizedOperation' },
  not_found: { status: 400, code: 'InvalidParameterValue' },
  conflict: { status: 400, code: 'IncorrectState' },
  quota_exceeded: { status: 400, code: 'ResourceLimitExceeded' },
  throttled: { status: 503, code: 'RequestLimitExceeded' },
  unavailable: { status: 503, code: 'Unavailable' },
  internal: { status: 500, code: 'InternalError' },
}

/** How `error` is told to a client of EC2. */
export function toEc2Error(error: unknown): Ec2ErrorAnswer {
  if (error instanceof AuthenticationError) {
    const { status, ec2 } = AUTHENTICATION_PROBLEMS[error.problem]
    return { status, code: ec2, message: error.message }
  }
  if (error instanceof RequestTooLargeError) {
    return { status: 413, code: 'RequestEntityTooLarge', message: error.message }
  }
  const failure = expectedFailure(error)
  if (failure === undefined) return { ...CODES.internal, message: INTERNAL_MESSAGE }
  const { code, message } = failure
  if (failure instanceof Ec2Error) {
    const { ec2Code } = failure
    return { status: ec2Code === 'DryRunOperation' ? 412 : 400, code: ec2Code, message }
  }
  if (failure instanceof RequestError && failure.reason === 'unknownOperation') {
    return { status: 400, code: 'InvalidAction', message }
  }
  const isMissing = failure.details.fields?.some((field) => field.message.endsWith(NOT_THERE))
  return { ...CODES[code], ...(isMissing === true && { code: 'MissingParameter' }), message }
}
