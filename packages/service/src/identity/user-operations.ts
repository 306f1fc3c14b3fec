import { LandfallError } from '@landfall/model'
import {
  createAccessKey,
  deleteAccessKey,
  keyLastUsed,
  listAccessKeys,
  setAccessKeyStatus,
  type AccessKey,
  type KeyStatus,
} from './access-keys.ts'
import {
  cutPage,
  type IdentityContext,
  type IdentityOperations,
  type MarkerRequest,
} from './identity-operation.ts'
import {
  createUser,
  deleteUser,
  getUser,
  listUsers,
  updateUser,
  userArn,
  type User,
} from './users.ts'

interface Named {
  readonly UserName?: string
}

/** What IAM says of a key that was never used. */
const NEVER = 'N/A'

/** Users and their access keys. */
export const userOperations: IdentityOperations = {
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

  UpdateUser: async (
    input: { UserName: string; NewUserName?: string; NewPath?: string },
    { db },
  ) => {
    const { NewUserName: userName, NewPath: path } = input
    await updateUser(db, await getUser(db, input.UserName), {
      ...(userName !== undefined && { userName }),
      ...(path !== undefined && { path }),
    })
    return {}
  },

  ListUsers: async (input: MarkerRequest & { PathPrefix?: string }, { db, accountID }) => {
    const users = await listUsers(db, input.PathPrefix ?? '/')
    const { shown, rest } = cutPage(users, input, (user) => user.user_name.toLowerCase())
    return { Users: shown.map((user) => userView(user, accountID)), ...rest }
  },

  DeleteUser: async (input: Named, context) => {
    await deleteUser(context.db, (await namedUser(input, context)).user_name)
    return {}
  },

  CreateAccessKey: async (input: Named, context) => {
    const user = await namedUser(input, context)
    const key = await createAccessKey(context.db, context.secretBox, { user, now: context.now })
    return { AccessKey: { ...keyView(key, user), SecretAccessKey: key.secretAccessKey } }
  },

  ListAccessKeys: async (input: Named & MarkerRequest, context) => {
    const user = await namedUser(input, context)
    // A user has two keys at most: a page of one shows the first, and the marker brings the other.
    const keys = await listAccessKeys(context.db, user)
    const { shown, rest } = cutPage(keys, input, (key) => key.accessKeyId)
    return { AccessKeyMetadata: shown.map((key) => keyView(key, user)), ...rest }
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

  GetAccessKeyLastUsed: async (input: { AccessKeyId: string }, { db }) => {
    const use = await keyLastUsed(db, input.AccessKeyId)
    return {
      UserName: use.user_name,
      AccessKeyLastUsed: {
        ...(use.last_used_at !== null && { LastUsedDate: use.last_used_at }),
        ServiceName: use.last_used_service ?? NEVER,
        Region: use.last_used_region ?? NEVER,
      },
    }
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
