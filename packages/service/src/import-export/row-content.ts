import { LandfallError } from '@landfall/model'
import type { ActionDocument } from '../post-launch-actions/tables.ts'
import type { LaunchConfiguration, ReplicationConfiguration } from '../configurations/settings.ts'
import { readCell, writeCell } from './cell.ts'
import { COLUMNS, type Column } from './columns.ts'

/** The cells of one row that are not blank: their texts by header. */
export type Cells = Readonly<Record<string, string>>

type Tags = Readonly<Record<string, string>>

/** By the numbers in their headers, of which only the order counts. */
type Numbered<T> = Readonly<Record<string, T>>

export interface GroupContent {
  readonly id?: string
  readonly name?: string
  readonly description?: string
  readonly tags?: Tags
}

export interface NetworkInterfaceContent {
  readonly networkInterfaceId?: string
  readonly subnetId?: string
  readonly privateIps?: Numbered<string>
  readonly securityGroups?: Numbered<string>
}

export interface LaunchTemplateContent {
  readonly instanceType?: string
  readonly instanceProfile?: string
  readonly hostID?: string
  readonly tenancy?: string
  readonly networkInterfaces?: Numbered<NetworkInterfaceContent>
  readonly instanceTags?: Tags
  /** By device. */
  readonly volumeTypes?: Readonly<Record<string, string>>
}

/** What a row says of an action; `given` is what its JSON has. */
export type ActionContent = Partial<
  Omit<ActionDocument, 'actionName' | 'parameters' | 'externalParameters'>
> & { readonly given?: Partial<Pick<ActionDocument, 'parameters' | 'externalParameters'>> }

export interface ServerContent {
  readonly id?: string
  readonly userProvidedID?: string
  /** Under which name or address its host is reached. */
  readonly fqdn?: string
  readonly platform?: string
  readonly tags?: Tags
  readonly launch?: Partial<LaunchConfiguration>
  readonly template?: LaunchTemplateContent
  readonly postLaunchActionsEnabled?: boolean
  /** By the actions' names. */
  readonly actions?: Readonly<Record<string, ActionContent>>
  readonly replication?: Partial<ReplicationConfiguration>
  readonly replicationSecurityGroups?: Numbered<string>
  readonly mapTagKey?: string
  readonly storageType?: string
}

/** What a row of an inventory file says; what is blank in it is not there. */
export interface RowContent {
  readonly accountID?: string
  readonly region?: string
  readonly wave?: GroupContent
  readonly application?: GroupContent
  readonly server?: ServerContent
}

interface Tree {
  [member: string]: unknown
}

export const EXPORTED_COLUMNS = COLUMNS.filter((column) => column.isFormer !== true)

const PLACE = /^<.*>$/
/** Numbers in headers: AWS counts from 0, and no source server has as many interfaces. */
const NUMBER = String.raw`(\d{1,2})`
const ANY = '(.+)'

const MATCHERS = COLUMNS.map((column) => {
  const text = column.header.replaceAll(/<(.*?)>/g, (_, name: string) =>
    name === 'n' || name === 'm' ? NUMBER : ANY,
  )
  return { column, pattern: new RegExp(`^${text}$`, 's') }
})

interface Found {
  readonly column: Column
  /** What stands in the header's places. */
  readonly keys: readonly string[]
}

/** Those of several files; kept, as every row of a file asks for the same. */
const FOUND_MAX = 10_000
const found = new Map<string, Found | undefined>()

/** The column that has the header; undefined when there is none. */
export function columnOf(header: string): Found | undefined {
  if (found.has(header)) return found.get(header)
  if (found.size === FOUND_MAX) found.clear()
  const one = findColumn(header)
  found.set(header, one)
  return one
}

function findColumn(header: string): Found | undefined {
  for (const { column, pattern } of MATCHERS) {
    const match = pattern.exec(header)
    if (match !== null) return { column, keys: match.slice(1) }
  }
  return undefined
}

/** What the cells say; `validation` with all that is wrong with them. */
export function contentOf(cells: Cells): RowContent {
  const content: Tree = {}
  const problems: string[] = []
  for (const [header, text] of Object.entries(cells)) {
    const one = columnOf(header)
    if (one === undefined) throw new Error(`${header} is no column`)
    try {
      put(content, pathOf(one.column, one.keys), readCell(one.column, header, text))
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      problems.push(error.message)
    }
  }
  if (problems.length > 0) throw new LandfallError('validation', problems.join('; '))
  return content as RowContent
}

/** The cells that say it, by column, in the order of the columns. */
export function cellsOf(content: RowContent): Map<Column, ReadonlyMap<string, string>> {
  return new Map(
    EXPORTED_COLUMNS.map((column) => {
      const cells = new Map<string, string>()
      for (const { keys, value } of valuesAt(content, column.path)) {
        cells.set(headerOf(column, keys), writeCell(column, value))
      }
      return [column, cells]
    }),
  )
}

function headerOf({ header }: Column, keys: readonly string[]): string {
  const left = [...keys]
  return header.replaceAll(/<.*?>/g, () => left.shift() ?? '')
}

function pathOf({ path }: Column, keys: readonly string[]): string[] {
  const left = [...keys]
  return path.map((member) => (PLACE.test(member) ? (left.shift() ?? '') : member))
}

/** Defines the members, whatever they are called: a tag may be called `__proto__`. */
function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [member = '', ...rest] = path
  const isThere = Object.hasOwn(tree, member)
  if (rest.length > 0 && isThere) return put(tree[member] as Tree, rest, value)
  const inner: Tree = {}
  if (rest.length > 0) put(inner, rest, value)
  Object.defineProperty(tree, member, {
    value: rest.length > 0 ? inner : value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function* valuesAt(
  tree: unknown,
  path: readonly string[],
  keys: readonly string[] = [],
): Generator<{ keys: readonly string[]; value: unknown }> {
  const [member, ...rest] = path
  if (tree === undefined || tree === null) return
  if (member === undefined) return yield { keys, value: tree }
  const isPlace = PLACE.test(member)
  for (const key of isPlace ? Object.keys(tree) : [member]) {
    if (!Object.hasOwn(tree, key)) continue
    yield* valuesAt((tree as Tree)[key], rest, isPlace ? [...keys, key] : keys)
  }
}
