import { randomBytes } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import type { Dependencies, OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'

const SECRET_BYTES = 32
const LABEL = 'webhook'

const schema = z.object({
  /** `http:` or `https:`; null: no webhook. */
  url: z.string().max(2048).nullable(),
})

/** Where events are sent. */
export function eventOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, secretBox, account } = dependencies
  return {
    landfall: {
      GetWebhook: validated(z.object({}), async () => {
        const webhook = await findWebhook(dependencies)
        const waiting = await db
          .selectFrom('events')
          .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('error').as('error')])
          .where('settled_at', 'is', null)
          .executeTakeFirstOrThrow()
        return {
          url: webhook?.url ?? null,
          waitingEvents: Number(waiting.count),
          ...(waiting.error !== null && { lastError: waiting.error }),
        }
      }),

      /** Sets it anew, with a new secret, which is shown here and never again; or ends it. */
      UpdateWebhook: validated(schema, async ({ url: given }) => {
        const url = given === null ? null : checkedURL(given)
        const secret = randomBytes(SECRET_BYTES).toString('base64url')
        const sealed = secretBox.seal(secret, LABEL)
        await db.transaction().execute(async (trx) => {
          await trx.deleteFrom('webhooks').execute()
          if (url === null) return
          await trx
            .insertInto('webhooks')
            .values({ account_id: account.accountID, url, sealed_secret: sealed })
            .execute()
        })
        return url === null ? { url } : { url, secret }
      }),
    },
  }
}

export async function findWebhook({
  db,
  secretBox,
}: Pick<Dependencies, 'db' | 'secretBox'>): Promise<{ url: string; secret: string } | undefined> {
  const row = await db.selectFrom('webhooks').selectAll().executeTakeFirst()
  return row && { url: row.url, secret: secretBox.open(row.sealed_secret, LABEL) }
}

function checkedURL(text: string): string {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href
  const message = `${text} is no address of a webhook: it begins with https:// or http://`
  throw new LandfallError('validation', message, { fields: [{ name: 'url', message }] })
}
