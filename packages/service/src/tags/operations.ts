import { arnOf, LandfallError } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { requireFewTags } from './tag-list.ts'
import { TAGGED, taggedRow, type Tagged } from './tagged.ts'

interface ArnInput {
  readonly resourceArn: string
}

type Tags = Readonly<Record<string, string>>

/** Tags of source servers, jobs and templates. */
export function tagOperations({ db }: OperationDependencies): OperationGroup {
  async function change(arn: string, context: CallContext, edit: (tags: Tags) => Tags) {
    const tagged = parseArn(arn, context)
    await db.transaction().execute(async (trx) => {
      const row = await taggedRow(trx, tagged, { lock: true })
      if (row === undefined) throw noResource(arn)
      const tags = edit(row.tags)
      requireFewTags(arn, tags)
      await TAGGED[tagged.kind].write(trx, tagged.id, JSON.stringify(tags))
    })
    return {}
  }
  return {
    mgn: {
      async ListTagsForResource({ resourceArn }: ArnInput, context: CallContext) {
        const row = await taggedRow(db, parseArn(resourceArn, context), { lock: false })
        if (row === undefined) throw noResource(resourceArn)
        return { tags: row.tags }
      },
      async TagResource(input: ArnInput & { readonly tags: Tags }, context: CallContext) {
        return change(input.resourceArn, context, (tags) => ({ ...tags, ...input.tags }))
      },
      async UntagResource(
        input: ArnInput & { readonly tagKeys: readonly string[] },
        context: CallContext,
      ) {
        return change(input.resourceArn, context, (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => !input.tagKeys.includes(key))),
        )
      },
    },
  }
}

/** Only ARNs that this service would write itself name a resource of its. */
function parseArn(arn: string, context: CallContext): Tagged {
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  for (const kind of Object.keys(TAGGED) as Tagged['kind'][]) {
    if (arnOf(kind, id, context) === arn) return { kind, id }
  }
  throw noResource(arn)
}

function noResource(arn: string): LandfallError {
  return new LandfallError('not_found', `There is no resource ${arn}`, {
    resource: { resourceId: arn, resourceType: 'Resource' },
  })
}
