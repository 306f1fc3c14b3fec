import type { Tags } from '../api/tags.ts'

/** What a tag editor has made of a tag. */
export interface EditedTag {
  readonly key: string
  readonly value: string
  readonly existing: boolean
  readonly markedForRemoval?: boolean
}

/** As an editor begins with them, in the order of their keys. */
export function editedFrom(tags: Tags): readonly EditedTag[] {
  return Object.entries(tags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, value, existing: true }))
}

/** The tags as they were edited to be. */
export function tagsFrom(edited: readonly EditedTag[]): Tags {
  const kept = edited.filter(({ markedForRemoval }) => !markedForRemoval)
  return Object.fromEntries(kept.map(({ key, value }) => [key, value]))
}
