import { LandfallError } from '@landfall/model'
import { TAGS_MAX } from '../tags/tag-list.ts'

type Tags = Readonly<Record<string, string>>

/** The tags with those of a row, which count; `validation` when they are too many. */
export function withTags(resourceID: string, tags: Tags, given: Tags = {}): Tags {
  // Entries and not a spread, as a tag may be called `__proto__`.
  const all = Object.fromEntries([...Object.entries(tags), ...Object.entries(given)])
  if (Object.keys(all).length <= TAGS_MAX) return all
  throw new LandfallError('validation', `${resourceID} would have more than ${TAGS_MAX} tags`)
}
