import type { InstancePurpose } from '@landfall/model'
import { type SearchWords, useUrlSearch } from '../shell/url-parameters.ts'

export type View = 'PRESENT' | 'TERMINATED'

/** What the list of instances shows, as its address says it. */
export interface InstanceSearch {
  readonly view: View
  readonly text: string
  /** Absent: any. */
  readonly purpose: InstancePurpose | undefined
  readonly page: number
}

const WORDS: SearchWords<InstanceSearch> = { read, write, firstPage: { page: 1 } }

/** The search, and a way to change some of it. */
export const useInstanceSearch = () => useUrlSearch(WORDS)

const PURPOSES: readonly InstancePurpose[] = ['TEST', 'CUTOVER', 'REHEARSAL']

function read(params: URLSearchParams): InstanceSearch {
  return {
    view: params.get('view') === 'TERMINATED' ? 'TERMINATED' : 'PRESENT',
    text: params.get('text') ?? '',
    purpose: PURPOSES.find((purpose) => purpose === params.get('purpose')),
    page: Math.max(1, Math.floor(Number(params.get('page')) || 1)),
  }
}

function write({ view, text, purpose, page }: InstanceSearch): URLSearchParams {
  const params = new URLSearchParams()
  if (view !== 'PRESENT') params.set('view', view)
  if (text !== '') params.set('text', text)
  if (purpose !== undefined) params.set('purpose', purpose)
  if (page > 1) params.set('page', String(page))
  return params
}
