import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import type { Caller } from '../http/operation.ts'
import {
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
  setAccessKeyStatus,
  type AccessKey,
  type KeyStatus,
} from './access-keys.ts'
import type { SecretBox } from './secret-box.ts'
import { attachedPolicies, attachPolicy, detachPolicy } from './user-policies.ts'
import { createUser, deleteUser, getUser, listUsers, userArn, type User } from './users.ts'

export interface IdentityContext {
  readonly db: Database
  readonly secretBox: SecretBox
  readonly accountID: string
  readonly caller: Caller
  readonly callerArn: string
  readonly callerID: string
  readonly now: Date
}

/** An operation of IAM or STS; input and output have the members of the model. */
export type IdentityOperation = (input: never, context: IdentityContext) => Promise<object>

interface Named {
  readonly UserName?: string
}

/** IAM's page size when the caller names none. */
const USERS_PER_PAGE = 100

/** What of IAM and STS the service does, by the model's names. */
export const identityOperations: Readonly<Record<string, IdentityOperation>> = {
  CreateUser: async (
    input: { UserName: string; Path?: string; Tags?: unknown; PermissionsBoundary?: unknown },
    { db, accountID, now },
  ) => {
    if (input.Tags !== undefined || input.PermissionsBoundary !== undefined) {
      throw new LandfallError('validation', 'Landfall keeps no tags or boundaries of users.')
    }
    const path = input.Path === undefined ? {} : { path: input.Path }
    const user = await createUser(db, { userName: input.UserName, ...path, now })
    return { User: userView(user, accountID) }
  },

  GetUser: async (input: Named, context) => {
    return { User: userView(await namedUser(input, context), context.accountID) }
  },

  ListUsers: async (input: { Marker?: string; MaxItems?: number }, { db, accountID }) => {
    const limit = input.MaxItems ?? USERS_PER_PAGE
    const after = input.Marker === undefined ? {} : { after: input.Marker }
    const users = await listUsers(db, { ...after, limit: limit + 1 })
    const shown = users.slice(0, limit)
    const more = users.length > limit
    return {
      Users: shown.map((user) => userView(user, accountID)),
      IsTruncated: more,
      ...(more && { Marker: shown.at(-1)!.user_name }),
    }
  },

  DeleteUser: async (input: Named, context) => {
    await deleteUser(context.db, (await namedUser(input, context)).user_name)
    return {}
  },

  AttachUserPolicy: async (input: { UserName: string; PolicyArn: string }, { db, now }) => {
    const user = await getUser(db, input.UserName)
    await attachPolicy(db, { user, policyArn: input.PolicyArn, now })
    return {}
  },

  DetachUserPolicy: async (input: { UserName: string; PolicyArn: string }, { db }) => {
    const user = await getUser(db, input.UserName)
    await detachPolicy(db, { user, policyArn: input.PolicyArn })
    return {}
  },

  ListAttachedUserPolicies: async (input: { UserName: string }, { db }) => {
    const policies = await attachedPolicies(db, await getUser(db, input.UserName))
    return {
      AttachedPolicies: policies.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })),
      IsTruncated: false,
    }
  },

  CreateAccessKey: async (input: Named, context) => {
    const user = await namedUser(input, context)
    const key = await createAccessKey(context.db, context.secretBox, { user, now: context.now })
    return { AccessKey: { ...keyView(key, user), SecretAccessKey: key.secretAccessKey } }
  },

  ListAccessKeys: async (input: Named, context) => {
    const user = await namedUser(input, context)
    const keys = await listAccessKeys(context.db, user)
    return { AccessKeyMetadata: keys.map((key) => keyView(key, user)), IsTruncated: false }
  },

  UpdateAccessKey: async (input: Named & { AccessKeyId: string; Status: KeyStatus }, context) => {
    const user = await namedUser(input, context)
    const { AccessKeyId: accessKeyId, Status: status } = input
    await setAccessKeyStatus(context.db, { user, accessKeyId, status })
    return {}
  },

  DeleteAccessKey: async (input: Named & { AccessKeyId: string }, context) => {
    const user = await namedUser(input, context)
    await deleteAccessKey(context.db, { user, accessKeyId: input.AccessKeyId })
    return {}
  },

  GetCallerIdentity: (_input: object, { accountID, callerArn, callerID }) => {
    return Promise.resolve({ UserId: callerID, Account: accountID, Arn: callerArn })
  },
}

/** The user the input names, or the caller when it names none. */
async function namedUser(input: Named, { db, caller }: IdentityContext): Promise<User> {
  const userName = input.UserName ?? (caller.kind === 'user' ? caller.userName : undefined)
  if (userName === undefined) {
    throw new LandfallError('validation', 'Must specify userName when calling without a user.')
  }
  return await getUser(db, userName)
}

function userView(user: User, accountID: string): object {
  return {
    Path: user.path,
    UserName: user.user_name,
    UserId: user.user_id,
    Arn: userArn(accountID, user),
    CreateDate: user.created_at,
  }
}

function keyView(key: AccessKey, user: User): object {
  return {
    UserName: user.user_name,
    AccessKeyId: key.accessKeyId,
    Status: key.status,
    CreateDate: key.createdAt,
  }
}
