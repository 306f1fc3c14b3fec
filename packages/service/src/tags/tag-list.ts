import { LandfallError } from '@landfall/model'

/** The limit of tags of one resource, MGN's and EC2's. */
export const TAGS_MAX = 50

/** `validation` when `resource` would have more tags than that. */
export function requireFewTags(resource: string, tags: Tags): void {
  if (Object.keys(tags).length <= TAGS_MAX) return
  const message = `${resource} would have more than ${TAGS_MAX} tags`
  throw new LandfallError('validation', message, { fields: [{ name: 'tags', message }] })
}

/** A tag as EC2's and SSM's calls carry it. */
export interface Tag {
  readonly Key?: string
  readonly Value?: string
}

type Tags = Readonly<Record<string, string>>

/** Of two tags with one key the later one counts. */
export function tagsFromList(list: readonly Tag[] = []): Tags {
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]))
}

export function tagListOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
