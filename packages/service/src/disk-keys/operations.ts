import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { labelOf } from './disk-keys.ts'

/** LUKS2 has 32 key slots: more cannot be needed for a disk. */
const KEYS_MAX = 32

const name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
  message: 'A name has up to 64 letters, digits, dots, dashes and underscores',
})

/** cryptsetup's own limit for what is typed, and no line feed: that ends it. */
const passphrase = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^\n\r\0]*$/, { message: 'A passphrase is one line' })

const ofKey = ofServer.extend({ name })

/**
 * Passphrases of a server's encrypted disks, kept because its operator chose so: a conversion needs
 * one to look into the disks. They are sealed, put into the command that hands them to the staging
 * area, and never shown again.
 */
export function diskKeyOperations({ db, secretBox }: OperationDependencies): OperationGroup {
  const list = async (sourceServerID: string) => {
    const rows = await db
      .selectFrom('disk_keys')
      .select(['name', 'created_at'])
      .where('source_server_id', '=', sourceServerID)
      .orderBy('name')
      .execute()
    const keys = rows.map((row) => ({
      name: row.name,
      createdDateTime: row.created_at.toISOString(),
    }))
    return { sourceServerID, keys }
  }
  return {
    landfall: {
      ListDiskKeys: validated(ofServer, async ({ sourceServerID }) => {
        await readServer(db, sourceServerID)
        return list(sourceServerID)
      }),

      /** Under the name of one that is kept already it replaces that one. */
      PutDiskKey: validated(ofKey.extend({ passphrase }), async (input, { now }: CallContext) => {
        const { sourceServerID } = input
        const sealed = secretBox.seal(input.passphrase, labelOf(input))
        await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          await trx
            .insertInto('disk_keys')
            .values({
              source_server_id: sourceServerID,
              name: input.name,
              sealed_passphrase: sealed,
              created_at: now(),
            })
            .onConflict((conflict) =>
              conflict
                .columns(['source_server_id', 'name'])
                .doUpdateSet({ sealed_passphrase: sealed, created_at: now() }),
            )
            .execute()
          const { count } = await trx
            .selectFrom('disk_keys')
            .select((select) => select.fn.countAll<string>().as('count'))
            .where('source_server_id', '=', sourceServerID)
            .executeTakeFirstOrThrow()
          if (Number(count) <= KEYS_MAX) return
          const message = `Server ${sourceServerID} has ${KEYS_MAX} disk keys already. Remove one first.`
          throw new LandfallError('quota_exceeded', message)
        })
        return list(sourceServerID)
      }),

      DeleteDiskKey: validated(ofKey, async (input) => {
        const { sourceServerID } = input
        await readServer(db, sourceServerID)
        const deleted = await db
          .deleteFrom('disk_keys')
          .where('source_server_id', '=', sourceServerID)
          .where('name', '=', input.name)
          .returning('name')
          .executeTakeFirst()
        found(deleted, 'DiskKey', input.name)
        return list(sourceServerID)
      }),
    },
  }
}
