export type Tags = Readonly<Record<string, string>>

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

/** What has to be done so that the tags are as they were edited to be. */
export function tagChanges(
  before: Tags,
  edited: readonly EditedTag[],
): { readonly remove: readonly string[]; readonly set: Tags } {
  const wanted = Object.fromEntries(
    edited
      .filter(({ markedForRemoval }) => !markedForRemoval)
      .map(({ key, value }) => [key, value] as const),
  )
  return {
    remove: Object.keys(before).filter((key) => !Object.hasOwn(wanted, key)),
    set: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => before[key] !== value)),
  }
}
