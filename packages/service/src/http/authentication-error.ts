/** Why a caller is not who they say, or say nothing. */
export type AuthenticationProblem =
  | 'missing'
  | 'incomplete'
  | 'unknown-key'
  | 'expired'
  | 'signature'

/** AWS's names and statuses for them; rest-json and query protocol name them differently. */
export const AUTHENTICATION_PROBLEMS: Readonly<
  Record<AuthenticationProblem, { status: number; restJson: string; query: string; ec2: string }>
> = {
  missing: {
    status: 403,
    restJson: 'MissingAuthenticationTokenException',
    query: 'MissingAuthenticationToken',
    ec2: 'MissingAuthenticationToken',
  },
  incomplete: {
    status: 400,
    restJson: 'IncompleteSignatureException',
    query: 'IncompleteSignature',
    ec2: 'IncompleteSignature',
  },
  'unknown-key': {
    status: 403,
    restJson: 'UnrecognizedClientException',
    query: 'InvalidClientTokenId',
    ec2: 'AuthFailure',
  },
  expired: {
    status: 403,
    restJson: 'ExpiredTokenException',
    query: 'ExpiredToken',
    ec2: 'RequestExpired',
  },
  signature: {
    status: 403,
    restJson: 'InvalidSignatureException',
    query: 'SignatureDoesNotMatch',
    ec2: 'AuthFailure',
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
