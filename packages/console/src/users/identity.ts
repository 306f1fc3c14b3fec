import { useWholeList } from '../api/whole-list.ts'

/** IAM's shapes, as far as pages show them; moments are ISO 8601 in UTC. */
export interface User {
  readonly UserName: string
  readonly Arn: string
  readonly UserId: string
  readonly CreateDate: string
}

export interface AccessKeyMetadata {
  readonly AccessKeyId: string
  readonly Status: 'Active' | 'Inactive'
  readonly CreateDate: string
}

export interface Policy {
  readonly PolicyName: string
  readonly Arn: string
  readonly DefaultVersionId: string
  /** Users that have it. */
  readonly AttachmentCount: number
}

export interface AttachedPolicy {
  readonly PolicyName: string
  readonly PolicyArn: string
}

/** A key with what is told of it once. */
export interface NewKey {
  readonly userName: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of one that ends by itself. */
  readonly sessionToken?: string
  readonly expiresAt?: string
}

export function useUsers() {
  return useWholeList<User>('iam:ListUsers', {}, { member: 'Users' })
}

/** Those of AWS that this version carries, and the customer's. */
export function usePolicies(enabled = true) {
  return useWholeList<Policy>('iam:ListPolicies', {}, { member: 'Policies', enabled })
}
