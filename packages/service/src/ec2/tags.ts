/** Tags as EC2's calls carry them. */
export interface Tag {
  readonly Key?: string
  readonly Value?: string
}

/** Tags for what a call creates, by the type of resource they are for. */
export interface TagSpecification {
  readonly ResourceType?: string
  readonly Tags?: readonly Tag[]
}

type Tags = Readonly<Record<string, string>>

/** The tags that are meant for resources of the type. */
export function tagsOf(resourceType: string, given: readonly TagSpecification[] = []): Tags {
  const meant = given.filter((one) => one.ResourceType === resourceType)
  return Object.fromEntries(
    meant.flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
  )
}

export function tagSetOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
