import type { LifecycleState } from '@landfall/model'
import { type SearchWords, useUrlSearch } from '../shell/url-parameters.ts'

export type View = 'ACTIVE' | 'IMPORTED' | 'ARCHIVED'
export type Sort = 'name' | 'state' | 'added' | 'lastSeen'

interface Tag {
  readonly key: string
  /** Absent: whatever it is. */
  readonly value?: string
}

/** What the list of servers shows, as its address says it. */
export interface Search {
  readonly view: View
  readonly text?: string
  readonly lifeCycleStates?: readonly LifecycleState[]
  readonly waveIDs?: readonly string[]
  readonly applicationIDs?: readonly string[]
  readonly tag?: Tag | undefined
  readonly isStalled?: boolean | undefined
  readonly sort: Sort
  readonly descending: boolean
  readonly page: number
}

const DEFAULTS = { view: 'ACTIVE', sort: 'name', descending: false, page: 1 } as const

const WORDS: SearchWords<Search> = { read, write, firstPage: { page: 1 } }

/** The search, and a way to change some of it. */
export const useSearch = () => useUrlSearch(WORDS)

function read(params: URLSearchParams): Search {
  const text = params.get('text')
  const states = params.getAll('state') as LifecycleState[]
  const waveIDs = params.getAll('wave')
  const applicationIDs = params.getAll('application')
  const tag = readTag(params.get('tag') ?? '')
  return {
    view: (params.get('view') as View | null) ?? DEFAULTS.view,
    sort: (params.get('sort') as Sort | null) ?? DEFAULTS.sort,
    descending: params.get('descending') === 'true',
    page: Math.max(1, Math.floor(Number(params.get('page')) || 1)),
    ...(text && { text }),
    ...(states.length > 0 && { lifeCycleStates: states }),
    ...(waveIDs.length > 0 && { waveIDs }),
    ...(applicationIDs.length > 0 && { applicationIDs }),
    ...(tag && { tag }),
    ...(params.get('stalled') === 'true' && { isStalled: true }),
  }
}

/** What is as it is without saying so is left out: addresses stay short. */
function write(search: Search): URLSearchParams {
  const params = new URLSearchParams()
  if (search.view !== DEFAULTS.view) params.set('view', search.view)
  if (search.text) params.set('text', search.text)
  for (const state of search.lifeCycleStates ?? []) params.append('state', state)
  for (const wave of search.waveIDs ?? []) params.append('wave', wave)
  for (const application of search.applicationIDs ?? []) params.append('application', application)
  if (search.tag) params.set('tag', tagText(search.tag))
  if (search.isStalled) params.set('stalled', 'true')
  if (search.sort !== DEFAULTS.sort) params.set('sort', search.sort)
  if (search.descending) params.set('descending', 'true')
  if (search.page > 1) params.set('page', String(search.page))
  return params
}

/** A tag as it is typed: `Key`, or `Key=Value`; undefined: none. `tagText` gives back the same. */
export function readTag(text: string): Tag | undefined {
  if (text === '') return undefined
  const equals = text.indexOf('=', 1)
  if (equals === -1) return { key: text }
  return { key: text.slice(0, equals), value: text.slice(equals + 1) }
}

export function tagText(tag: Tag | undefined): string {
  if (tag === undefined) return ''
  return tag.value === undefined ? tag.key : `${tag.key}=${tag.value}`
}
