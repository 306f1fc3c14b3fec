/**
 * Resource kinds and their ID prefixes; the patterns are MGN's own (prefix, then 17 characters).
 */
export const ID_PREFIX = {
  sourceServer: 's-',
  job: 'mgnjob-',
  application: 'app-',
  wave: 'wave-',
  connector: 'connector-',
  import: 'import-',
  export: 'export-',
  replicationConfigurationTemplate: 'rct-',
  launchConfigurationTemplate: 'lct-',
  launchTemplate: 'lt-',
  instance: 'i-',
  image: 'ami-',
  replicationServer: 'i-',
  point: 'point-',
  command: 'cmd-',
  action: 'action-',
} as const

export type ResourceKind = keyof typeof ID_PREFIX

/** Hexadecimal digits after the prefix: what real MGN IDs have. */
const ID_DIGITS = 17

/** A new random ID of the kind, e.g. `s-0a1b2c3d4e5f60718`. */
export function newId(kind: ResourceKind): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return ID_PREFIX[kind] + digits.slice(0, ID_DIGITS)
}

/** Whether `text` is an ID of the kind, by prefix, length and alphabet. */
export function isId(kind: ResourceKind, text: string): boolean {
  const prefix = ID_PREFIX[kind]
  return text.startsWith(prefix) && /^[0-9a-f]{17}$/.test(text.slice(prefix.length))
}

/** The resource kinds that have an ARN, with the word the ARN carries. */
const ARN_RESOURCE = {
  sourceServer: 'source-server',
  job: 'job',
  application: 'application',
  wave: 'wave',
  connector: 'connector',
  import: 'import',
  export: 'export',
  replicationConfigurationTemplate: 'replication-configuration-template',
  launchConfigurationTemplate: 'launch-configuration-template',
} as const

/** The ARN of a resource: `arn:aws:mgn:{region}:{account}:{resource}/{id}`. */
export function arnOf(
  kind: keyof typeof ARN_RESOURCE,
  id: string,
  where: { region: string; accountID: string },
): string {
  return `arn:aws:mgn:${where.region}:${where.accountID}:${ARN_RESOURCE[kind]}/${id}`
}
