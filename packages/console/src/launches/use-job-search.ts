import { type SearchWords, useUrlSearch } from '../shell/url-parameters.ts'

/** How far back the list goes, by its word in the address; the words are Cloudscape's options. */
export const PERIODS = [
  { value: 'any', label: 'Any time', days: undefined },
  { value: 'day', label: 'Last 24 hours', days: 1 },
  { value: 'week', label: 'Last 7 days', days: 7 },
  { value: 'month', label: 'Last 30 days', days: 30 },
] as const

export type Period = (typeof PERIODS)[number]['value']

/** What the list of jobs shows, as its address says it. */
export interface JobSearch {
  readonly period: Period
  /** A job's whole ID; empty: any. */
  readonly jobID: string
  /** Tokens of the pages turned to, from the second one on: the service tells them one by one. */
  readonly tokens: readonly string[]
}

const WORDS: SearchWords<JobSearch> = { read, write, firstPage: { tokens: [] } }

/** The search, and a way to change some of it. */
export const useJobSearch = () => useUrlSearch(WORDS)

function read(params: URLSearchParams): JobSearch {
  const period = PERIODS.find(({ value }) => value === params.get('period'))
  return {
    period: period?.value ?? 'any',
    jobID: params.get('job') ?? '',
    tokens: params.getAll('token'),
  }
}

function write({ period, jobID, tokens }: JobSearch): URLSearchParams {
  const params = new URLSearchParams()
  if (period !== 'any') params.set('period', period)
  if (jobID !== '') params.set('job', jobID)
  for (const token of tokens) params.append('token', token)
  return params
}

const DAY_MS = 24 * 60 * 60 * 1000
const MINUTE_MS = 60_000

/** The filters of DescribeJobs. They change with the minute at most, so that polls are the same. */
export function filtersOf({ period, jobID }: JobSearch, now: Date): object {
  const days = PERIODS.find(({ value }) => value === period)?.days
  const sinceMs = days === undefined ? undefined : now.getTime() - days * DAY_MS
  return {
    ...(sinceMs !== undefined && {
      fromDate: new Date(Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS).toISOString(),
    }),
    ...(jobID !== '' && { jobIDs: [jobID] }),
  }
}
