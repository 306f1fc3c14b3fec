import type { ErrorCode } from '@landfall/model'

/** Exit status of `landfall` for each expected failure; 0 is success. Scripts may rely on them. */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  internal: 1,
  validation: 2,
  access_denied: 3,
  not_found: 4,
  conflict: 5,
  quota_exceeded: 6,
  throttled: 7,
  unavailable: 8,
  uninitialized_account: 9,
}
