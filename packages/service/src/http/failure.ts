import { LandfallError, type ErrorCode, type ErrorDetails } from '@landfall/model'

/** Why MGN says a request is not valid. */
export type ValidationReason =
  | 'unknownOperation'
  | 'cannotParse'
  | 'fieldValidationFailed'
  | 'other'

/** A request that is refused before its input can be looked at. */
export class RequestError extends LandfallError {
  readonly reason: ValidationReason

  constructor(reason: ValidationReason, message: string, details: ErrorDetails = {}) {
    super('validation', message, details)
    this.name = 'RequestError'
    this.reason = reason
  }
}

/** A request that is larger than the service takes. */
export class RequestTooLargeError extends Error {}

/**
 * The `LandfallError` that `error` is or was caused by. Its text may be shown; any other error's
 * text is for the log only.
 */
export function expectedFailure(error: unknown): LandfallError | undefined {
  let current = error
  while (current instanceof Error) {
    if (current instanceof LandfallError) return current.code === 'internal' ? undefined : current
    current = current.cause
  }
  return undefined
}

/** Shown in place of what is for the log only. */
export const INTERNAL_MESSAGE =
  'The service failed to answer this request. Its log has the details under the request ID.'

/** Seconds after which a client may try again. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<ErrorCode, number>>> = {
  throttled: 1,
  unavailable: 5,
  internal: 5,
}
