/** Why a caller is not who they say, or say nothing. */
export type AuthenticationProblem = 'missing' | 'incomplete' | 'unknown-key' | 'signature'

/** AWS's names and statuses for them; rest-json and query protocol name them differently. */
export const AUTHENTICATION_PROBLEMS: Readonly<
  Record<AuthenticationProblem, { status: number; restJson: string; query: string }>
> = {
  missing: {
    status: 403,
    restJson: 'MissingAuthenticationTokenException',
    query: 'MissingAuthenticationToken',
  },
  incomplete: {
    status: 400,
    restJson: 'IncompleteSignatureException',
    query: 'IncompleteSignature',
  },
  'unknown-key': {
    status: 403,
    restJson: 'UnrecognizedClientException',
    query: 'InvalidClientTokenId',
  },
  signature: {
    status: 403,
    restJson: 'InvalidSignatureException',
    query: 'SignatureDoesNotMatch',
  },
}

export class AuthenticationError extends Error {
  readonly problem: AuthenticationProblem

  constructor(problem: AuthenticationProblem, message: string) {
    super(message)
    this.name = 'AuthenticationError'
    this.problem = problem
  }
}
