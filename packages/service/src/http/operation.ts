/** Who calls, as the server has proved it: by signature or by client certificate. */
export type Caller =
  | {
      readonly kind: 'user'
      readonly userName: string
      readonly accessKeyId: string
      readonly arn: string
      /** With a session's credentials, not with the user's own key. */
      readonly isTemporary: boolean
    }
  /** A user who has taken on a role. */
  | { readonly kind: 'role'; readonly roleName: string; readonly arn: string }
  | { readonly kind: 'agent'; readonly sourceServerID: string }
  | { readonly kind: 'replication-server'; readonly replicationServerID: string }
  /** Nobody yet: the operation checks a token in its input. */
  | { readonly kind: 'anonymous' }

export interface CallContext {
  readonly accountID: string
  readonly region: string
  readonly caller: Caller
  /** Aborts when the client goes away or the service stops. */
  readonly signal: AbortSignal
  readonly now: () => Date
}

/** The ARN of who calls, where operations record it. */
export function callerArn({ caller, accountID }: CallContext): string {
  return caller.kind === 'user' || caller.kind === 'role'
    ? caller.arn
    : `arn:aws:iam::${accountID}:root`
}

/**
 * One operation of the service. The input of a model operation is already validated against the
 * model; any other input is an object of unknown content. Throws `LandfallError` for what the
 * caller may be told. The answer is sent as it is, as JSON.
 */
export type Operation = (input: never, context: CallContext) => Promise<object>

/** Operations by name, one record for each of the protocols. */
export interface OperationGroup {
  /** MGN's public operations, named as in the model. */
  readonly mgn?: Readonly<Record<string, Operation>>
  /** EC2's, named as in its model. */
  readonly ec2?: Readonly<Record<string, Operation>>
  /** SSM's, named as in its model. */
  readonly ssm?: Readonly<Record<string, Operation>>
  /** What agents and replication servers call, by full name: `RegisterAgentForMgn`. */
  readonly forMgn?: Readonly<Record<string, Operation>>
  /** Landfall's own operator operations: `POST /landfall/{name}`. */
  readonly landfall?: Readonly<Record<string, Operation>>
}
