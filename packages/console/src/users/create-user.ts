import { ApiError, type call } from '../api/call.ts'
import type { AccessKeyMetadata, AttachedPolicy, NewKey } from './identity.ts'

/** The service, as these stories need it; tests give their own. */
export type Call = typeof call

interface NewUser {
  readonly userName: string
  readonly policyArns: readonly string[]
}

/** A user with policies; all of it, or no user. Throws `ApiError`. */
export async function createUser(call: Call, { userName, policyArns }: NewUser): Promise<void> {
  await call('iam:CreateUser', { UserName: userName })
  await orRemove(call, userName, async () => {
    for (const PolicyArn of policyArns) {
      await call('iam:AttachUserPolicy', { UserName: userName, PolicyArn })
    }
  })
}

/** The same with an access key. */
export async function createUserWithKey(call: Call, user: NewUser): Promise<NewKey> {
  const { userName } = user
  await createUser(call, user)
  return await orRemove(call, userName, () => createAccessKey(call, userName))
}

/** What is in the answer is told this once. */
export async function createAccessKey(call: Call, userName: string): Promise<NewKey> {
  const { AccessKey } = await call<{
    readonly AccessKey: { readonly AccessKeyId: string; readonly SecretAccessKey: string }
  }>('iam:CreateAccessKey', { UserName: userName })
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey
  return { userName, accessKeyId, secretAccessKey }
}

/** Deletes the user and all that is theirs; first what lets somebody in. */
export async function removeUser(call: Call, userName: string): Promise<void> {
  const UserName = userName
  const { AccessKeyMetadata } = await call<{
    readonly AccessKeyMetadata: readonly AccessKeyMetadata[]
  }>('iam:ListAccessKeys', { UserName })
  for (const { AccessKeyId } of AccessKeyMetadata) {
    await call('iam:DeleteAccessKey', { UserName, AccessKeyId })
  }
  // Neither list is longer than a page: IAM has quotas of ten policies and 2,048 characters.
  const { AttachedPolicies } = await call<{ readonly AttachedPolicies: readonly AttachedPolicy[] }>(
    'iam:ListAttachedUserPolicies',
    { UserName },
  )
  for (const { PolicyArn } of AttachedPolicies) {
    await call('iam:DetachUserPolicy', { UserName, PolicyArn })
  }
  const { PolicyNames } = await call<{ readonly PolicyNames: readonly string[] }>(
    'iam:ListUserPolicies',
    { UserName },
  )
  for (const PolicyName of PolicyNames) await call('iam:DeleteUserPolicy', { UserName, PolicyName })
  await call('iam:DeleteUser', { UserName })
}

/** Does something for a user that was just made; when it fails, there is no user again. */
async function orRemove<T>(call: Call, userName: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await removeUser(call, userName).catch(() => {
      const why = error instanceof Error ? error.message : String(error)
      const left = `User ${userName} was made and could not be removed again: delete it.`
      throw new ApiError(`${why} ${left}`, { status: 0, type: 'LeftBehind' })
    })
    throw error
  }
}
