import type { ErrorCode, LandfallError } from '@landfall/model'
import { AUTHENTICATION_PROBLEMS, AuthenticationError } from './authentication-error.ts'
import {
  expectedFailure,
  INTERNAL_MESSAGE,
  RequestError,
  RequestTooLargeError,
  RETRY_AFTER_SECONDS,
} from './failure.ts'

export interface RestJsonError {
  readonly status: number
  /** Goes into `x-amzn-ErrorType`: clients look there before they look at the body's `code`. */
  readonly type: string
  readonly body: object
  readonly retryAfterSeconds?: number
}

/** MGN's shapes and statuses for our codes (the model's `error` traits). */
const SHAPES: Readonly<Record<ErrorCode, { status: number; type: string }>> = {
  uninitialized_account: { status: 400, type: 'UninitializedAccountException' },
  validation: { status: 400, type: 'ValidationException' },
  access_denied: { status: 403, type: 'AccessDeniedException' },
  not_found: { status: 404, type: 'ResourceNotFoundException' },
  conflict: { status: 409, type: 'ConflictException' },
  quota_exceeded: { status: 402, type: 'ServiceQuotaExceededException' },
  throttled: { status: 429, type: 'ThrottlingException' },
  unavailable: { status: 500, type: 'InternalServerException' },
  internal: { status: 500, type: 'InternalServerException' },
}

const SERVICE_CODE = 'mgn'

/** How `error` is told to a client of the rest-json protocol. */
export function toRestJsonError(error: unknown): RestJsonError {
  if (error instanceof AuthenticationError) {
    const { status, restJson } = AUTHENTICATION_PROBLEMS[error.problem]
    return { status, type: restJson, body: { message: error.message } }
  }
  if (error instanceof RequestTooLargeError) {
    return {
      status: 413,
      type: 'RequestEntityTooLargeException',
      body: { message: error.message },
    }
  }
  const failure = expectedFailure(error)
  const code = failure?.code ?? 'internal'
  const retryAfterSeconds = RETRY_AFTER_SECONDS[code]
  return {
    ...SHAPES[code],
    body: failure === undefined ? { message: INTERNAL_MESSAGE } : bodyOf(failure),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
}

function bodyOf(failure: LandfallError): object {
  const { code, message, details } = failure
  switch (code) {
    case 'validation':
      return {
        message,
        code,
        reason: reasonOf(failure),
        ...(details.fields === undefined ? {} : { fieldList: details.fields }),
      }
    case 'conflict':
      return {
        message,
        code,
        ...details.resource,
        ...(details.errors && { errors: details.errors }),
      }
    case 'not_found':
      return { message, code, ...details.resource }
    case 'quota_exceeded':
      return {
        message,
        code,
        ...details.resource,
        serviceCode: SERVICE_CODE,
        ...(details.quota && { quotaCode: details.quota.code, quotaValue: details.quota.value }),
      }
    case 'throttled':
      return {
        message,
        serviceCode: SERVICE_CODE,
        ...(details.quota && { quotaCode: details.quota.code }),
      }
    case 'uninitialized_account':
    case 'access_denied':
      return { message, code }
    case 'unavailable':
    case 'internal':
      return { message }
  }
}

function reasonOf(failure: LandfallError): string {
  if (failure instanceof RequestError) return failure.reason
  return failure.details.fields === undefined ? 'other' : 'fieldValidationFailed'
}
