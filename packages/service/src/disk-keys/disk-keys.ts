import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { SecretBox } from '../identity/secret-box.ts'

export interface DiskKey {
  readonly sourceServerID: string
  readonly name: string
}

/** Under which a passphrase is sealed: it opens for its own server and name alone. */
export function labelOf({ sourceServerID, name }: DiskKey): string {
  return `disk key ${sourceServerID} ${name}`
}

/** The passphrases that are kept for the encrypted disks of a server. */
export async function readPassphrases(
  db: Kysely<Schema>,
  box: SecretBox,
  sourceServerID: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('disk_keys')
    .select(['name', 'sealed_passphrase'])
    .where('source_server_id', '=', sourceServerID)
    .orderBy('name')
    .execute()
  return rows.map(({ name, sealed_passphrase: sealed }) =>
    box.open(sealed, labelOf({ sourceServerID, name })),
  )
}
