import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'
import { findBucketStore, SEALED_FOR } from './bucket-store.ts'

const text = z.string().min(1).max(1024)

const schema = z.object({
  /** Null: buckets are folders again. */
  store: z
    .object({ endpoint: text, region: text, accessKeyId: text, secretAccessKey: text })
    .nullable(),
})

/** Where buckets are: imports are read from them, and exports written to them. */
export function bucketOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, secretBox, account } = dependencies

  async function view(): Promise<object> {
    const store = await findBucketStore(dependencies)
    if (store === undefined) return { store: null }
    const { endpoint, region, accessKeyId } = store
    return { store: { endpoint, region, accessKeyId } }
  }

  return {
    landfall: {
      GetBucketStore: validated(z.object({}), view),

      UpdateBucketStore: validated(schema, async ({ store }) => {
        if (store !== null) checkEndpoint(store.endpoint)
        await db.transaction().execute(async (trx) => {
          await trx.deleteFrom('bucket_stores').execute()
          if (store === null) return
          const { endpoint, region, accessKeyId, secretAccessKey } = store
          await trx
            .insertInto('bucket_stores')
            .values({
              account_id: account.accountID,
              endpoint,
              region,
              access_key_id: accessKeyId,
              sealed_secret: secretBox.seal(secretAccessKey, SEALED_FOR),
            })
            .execute()
        })
        return view()
      }),
    },
  }
}

function checkEndpoint(endpoint: string) {
  const { protocol } = URL.parse(endpoint) ?? {}
  if (protocol === 'http:' || protocol === 'https:') return
  const message = `${endpoint} is no address of a bucket store: it begins with https:// or http://`
  throw new LandfallError('validation', message, { fields: [{ name: 'endpoint', message }] })
}
