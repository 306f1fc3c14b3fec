import { call } from './call.ts'

export type Tags = Readonly<Record<string, string>>

/** What has to be done so that tags are no longer as `before`, but as `after`. */
export function tagChanges(
  before: Tags,
  after: Tags,
): { readonly remove: readonly string[]; readonly set: Tags } {
  return {
    remove: Object.keys(before).filter((key) => !Object.hasOwn(after, key)),
    set: Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value)),
  }
}

/** Removes first: there may be no room for more. */
export async function changeTags(resourceArn: string, before: Tags, after: Tags): Promise<void> {
  const { remove, set } = tagChanges(before, after)
  if (remove.length > 0) await call('mgn:UntagResource', { resourceArn, tagKeys: remove })
  if (Object.keys(set).length > 0) await call('mgn:TagResource', { resourceArn, tags: set })
}
