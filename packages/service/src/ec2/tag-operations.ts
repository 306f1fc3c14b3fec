import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { keyedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { tagListOf, tagsFromList, TAGS_MAX, type Tag } from '../tags/tag-list.ts'

type Tags = Readonly<Record<string, string>>

interface TaggedKind {
  readonly type: 'instance' | 'launch-template' | 'image'
  readonly prefix: string
  readonly readAll: (db: Kysely<Schema>) => Promise<readonly { id: string; tags: Tags }[]>
  readonly lock: (trx: Transaction<Schema>, id: string) => Promise<{ tags: Tags } | undefined>
  readonly write: (trx: Transaction<Schema>, id: string, tags: string) => Promise<unknown>
}

/** What of EC2's resources has tags that can be changed here. */
const KINDS: readonly TaggedKind[] = [
  {
    type: 'instance',
    prefix: 'i-',
    readAll: (db) =>
      db
        .selectFrom('instances')
        .select(['instance_id as id', 'tags'])
        .where('state', '<>', 'TERMINATED')
        .where('purpose', '<>', 'REHEARSAL')
        .execute(),
    lock: (trx, id) =>
      trx
        .selectFrom('instances')
        .select('tags')
        .where('instance_id', '=', id)
        .where('purpose', '<>', 'REHEARSAL')
        .forUpdate()
        .executeTakeFirst(),
    write: (trx, id, tags) =>
      trx.updateTable('instances').set({ tags }).where('instance_id', '=', id).execute(),
  },
  {
    type: 'launch-template',
    prefix: 'lt-',
    readAll: (db) =>
      db.selectFrom('launch_templates').select(['launch_template_id as id', 'tags']).execute(),
    lock: (trx, id) =>
      trx
        .selectFrom('launch_templates')
        .select('tags')
        .where('launch_template_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
    write: (trx, id, tags) =>
      trx
        .updateTable('launch_templates')
        .set({ tags })
        .where('launch_template_id', '=', id)
        .execute(),
  },
  {
    type: 'image',
    prefix: 'ami-',
    readAll: (db) => shownImages(db).execute(),
    lock: (trx, id) => shownImages(trx).where('image_id', '=', id).forUpdate().executeTakeFirst(),
    write: (trx, id, tags) =>
      trx.updateTable('images').set({ tags }).where('image_id', '=', id).execute(),
  },
]

function shownImages(db: Kysely<Schema>) {
  return db
    .selectFrom('images')
    .select(['image_id as id', 'tags'])
    .where('state', '<>', 'DEREGISTERED')
}

interface TagsInput {
  readonly Resources: readonly string[]
  readonly Tags?: readonly Tag[]
}

/** Tags of instances, launch templates and images. */
export function ec2TagOperations({ db }: OperationDependencies): OperationGroup {
  /** All resources that are named, or none. */
  async function change({ Resources: ids }: TagsInput, edit: (tags: Tags) => Tags) {
    await db.transaction().execute(async (trx) => {
      for (const id of [...new Set(ids)].toSorted()) {
        const kind = KINDS.find(({ prefix }) => id.startsWith(prefix))
        const row = await kind?.lock(trx, id)
        if (kind === undefined || row === undefined) {
          throw new Ec2Error('InvalidID', `There is no instance, launch template or image '${id}'.`)
        }
        const tags = edit(row.tags)
        if (Object.keys(tags).length > TAGS_MAX) {
          throw new Ec2Error('TagLimitExceeded', `${id} would have more than ${TAGS_MAX} tags.`)
        }
        await kind.write(trx, id, JSON.stringify(tags))
      }
    })
    return {}
  }
  return {
    ec2: {
      async CreateTags(input: TagsInput) {
        const added = tagsFromList(input.Tags)
        return change(input, (tags) => ({ ...tags, ...added }))
      },
      /** Without tags: all of them; a tag with a value only where it has that value. */
      async DeleteTags(input: TagsInput) {
        const { Tags: removed } = input
        return change(input, (tags) =>
          Object.fromEntries(
            Object.entries(tags).filter(
              ([key, value]) =>
                removed !== undefined &&
                !removed.some(
                  (tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value),
                ),
            ),
          ),
        )
      },
      async DescribeTags(input: NumberedPageRequest & { readonly Filters?: readonly Filter[] }) {
        const all = await Promise.all(
          KINDS.map(async ({ type, readAll }) =>
            (await readAll(db)).flatMap(({ id, tags }) =>
              tagListOf(tags).map((tag) => ({ ...tag, ResourceId: id, ResourceType: type })),
            ),
          ),
        )
        const shown = all.flat().filter(({ Key = '', Value = '', ResourceId, ResourceType }) =>
          matchesFilters(
            input.Filters,
            { [Key]: Value },
            {
              key: Key,
              value: Value,
              'resource-id': ResourceId,
              'resource-type': ResourceType,
            },
          ),
        )
        const { items, nextToken } = keyedPage(
          shown,
          input,
          ({ ResourceId, Key }) => `${ResourceId} ${Key}`,
        )
        return { Tags: items, ...nextToken }
      },
    },
  }
}
