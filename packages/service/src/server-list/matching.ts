import { LIFECYCLE_STATES, type LifecycleState } from '@landfall/model'
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import type { SourceServersTable } from '../source-servers/tables.ts'

/** Longer than any name; bounds what is looked for in each row. */
const TEXT_CHARACTERS_MAX = 200
const CHOICES_MAX = 100

/** Servers that an import or an operator named, and no agent was installed on yet. */
const IMPORTED: readonly LifecycleState[] = ['DISCOVERED', 'PENDING_INSTALLATION']

const text = z.string().min(1).max(TEXT_CHARACTERS_MAX)

export const filtersSchema = z.object({
  /** ACTIVE: neither archived nor merely imported. */
  view: z.enum(['ACTIVE', 'IMPORTED', 'ARCHIVED', 'ALL']).default('ACTIVE'),
  /** In the ID, the names or the tags, in whatever case. */
  text: text.optional(),
  lifeCycleStates: z.array(z.enum(LIFECYCLE_STATES)).max(CHOICES_MAX).optional(),
  isStalled: z.boolean().optional(),
  isInApplication: z.boolean().optional(),
  applicationIDs: z.array(text).max(CHOICES_MAX).optional(),
  waveIDs: z.array(text).max(CHOICES_MAX).optional(),
  tag: z.object({ key: text, value: z.string().max(TEXT_CHARACTERS_MAX).optional() }).optional(),
})

export type Filters = z.infer<typeof filtersSchema>

type Query<Row> = SelectQueryBuilder<
  Schema & { source_servers: SourceServersTable },
  'source_servers',
  Row
>

/** The servers that the filters let through. */
export function matching(db: Kysely<Schema>, filters: Filters): Query<object> {
  let query = db.selectFrom('source_servers') as Query<object>
  if (filters.view !== 'ALL') {
    query = query.where('is_archived', '=', filters.view === 'ARCHIVED')
  }
  if (filters.view === 'ACTIVE') query = query.where('state', 'not in', IMPORTED)
  if (filters.view === 'IMPORTED') query = query.where('state', 'in', IMPORTED)
  const { lifeCycleStates, applicationIDs, waveIDs, isStalled, isInApplication, tag } = filters
  if (lifeCycleStates?.length) query = query.where('state', 'in', lifeCycleStates)
  if (isStalled !== undefined) query = query.where('is_stalled', '=', isStalled)
  if (isInApplication !== undefined) {
    query = query.where('application_id', isInApplication ? 'is not' : 'is', null)
  }
  if (applicationIDs?.length) query = query.where('application_id', 'in', applicationIDs)
  if (waveIDs?.length) {
    query = query.where('application_id', 'in', (of) =>
      of.selectFrom('groups').select('group_id').where('wave_id', 'in', waveIDs),
    )
  }
  if (tag !== undefined) {
    query =
      tag.value === undefined
        ? query.where(sql<boolean>`tags ? ${tag.key}`)
        : query.where(sql<boolean>`tags @> ${JSON.stringify({ [tag.key]: tag.value })}::jsonb`)
  }
  return filters.text === undefined ? query : query.where(containing(filters.text))
}

function containing(wanted: string) {
  const pattern = `%${wanted.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return sql<boolean>`search_text like lower(${pattern})`
}
