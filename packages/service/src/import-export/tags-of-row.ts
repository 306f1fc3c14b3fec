import { requireFewTags } from '../tags/tag-list.ts'

type Tags = Readonly<Record<string, string>>

/** The tags with those of a row, which count; `validation` when they are too many. */
export function withTags(resourceID: string, tags: Tags, given: Tags = {}): Tags {
  const all = { ...tags, ...given }
  requireFewTags(resourceID, all)
  return all
}
