import { matchesPattern } from '../identity/policy-pattern.ts'
import { Ec2Error } from './ec2-error.ts'

export interface Filter {
  readonly Name?: string
  readonly Values?: readonly string[]
}

export interface Filtered {
  readonly Filters?: readonly Filter[]
}

const NO_CONTEXT = new Map<string, readonly string[]>()

/**
 * Whether a resource passes all filters: its tags (`tag:KEY`, `tag-key`) and its `values` by the
 * filter's name. Wildcards are EC2's. Throws `Ec2Error` for a filter that it does not know.
 */
export function matchesFilters(
  filters: readonly Filter[] = [],
  tags: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | readonly string[]>>,
): boolean {
  return filters.every(({ Name: name = '', Values: wanted = [] }) => {
    const actual = actualOf(name, tags, values)
    return wanted.some((pattern) =>
      actual.some((value) =>
        matchesPattern(pattern, value, { context: NO_CONTEXT, wildcards: true }),
      ),
    )
  })
}

function actualOf(
  name: string,
  tags: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | readonly string[]>>,
): readonly string[] {
  if (name === 'tag-key') return Object.keys(tags)
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length)
    return Object.hasOwn(tags, key) ? [tags[key] ?? ''] : []
  }
  if (Object.hasOwn(values, name)) return [values[name] ?? []].flat()
  const known = ['tag-key', 'tag:KEY', ...Object.keys(values)].join(', ')
  throw new Ec2Error(
    'InvalidParameterValue',
    `The filter '${name}' is not supported here; there are ${known}.`,
  )
}
