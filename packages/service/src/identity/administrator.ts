import { readFile } from 'node:fs/promises'
import type { Database } from '../database/database.ts'
import { writeDurably } from '../durable-file.ts'
import { createAccessKey, findSigningKey, listAccessKeys } from './access-keys.ts'
import { managedPolicy } from './managed-policies.ts'
import type { SecretBox } from './secret-box.ts'
import { attachPolicy } from './user-policies.ts'
import { createUser, findUser } from './users.ts'

/** What `credentials.json` holds. */
export interface Credentials {
  readonly userName: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const ADMINISTRATOR = 'administrator'

/**
 * Makes the administrator and an access key, and writes the key to `file` (0600), when the file is
 * not there. A start that was interrupted between the two finds the key it made and writes that.
 */
export async function ensureAdministrator(
  db: Database,
  secretBox: SecretBox,
  options: { file: string; now: Date },
): Promise<void> {
  const { file, now } = options
  const there = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (there !== undefined) return
  const user =
    (await findUser(db, ADMINISTRATOR)) ?? (await createUser(db, { userName: ADMINISTRATOR, now }))
  await attachPolicy(db, { user, policyArn: managedPolicy('AdministratorAccess').arn, now })
  const found = (await listAccessKeys(db, user)).find((key) => key.status === 'Active')
  const key =
    found === undefined
      ? await createAccessKey(db, secretBox, { user, now })
      : await findSigningKey(db, secretBox, found.accessKeyId)
  const credentials: Credentials = {
    userName: ADMINISTRATOR,
    accessKeyId: key!.accessKeyId,
    secretAccessKey: key!.secretAccessKey,
  }
  await writeDurably(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
}
