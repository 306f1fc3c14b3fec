import { tagsFromList, type Tag } from '../tags/tag-list.ts'

/** Tags for what a call creates, by the type of resource they are for. */
export interface TagSpecification {
  readonly ResourceType?: string
  readonly Tags?: readonly Tag[]
}

/** The tags that are meant for resources of the type. */
export function tagsOf(
  resourceType: string,
  given: readonly TagSpecification[] = [],
): Readonly<Record<string, string>> {
  const meant = given.filter((one) => one.ResourceType === resourceType)
  return tagsFromList(meant.flatMap(({ Tags = [] }) => Tags))
}
