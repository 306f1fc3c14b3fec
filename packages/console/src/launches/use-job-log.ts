import type { JobLogItem } from '@landfall/model'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type ApiError, call } from '../api/call.ts'

/** An event of a job is seen within it. */
const POLL_MS = 2000

interface Page {
  readonly items: readonly JobLogItem[]
  readonly nextToken?: string
}

/** The whole log of a job, and what comes to it while the job goes on. */
export function useJobLog(
  jobID: string,
  isOpen: boolean,
): UseQueryResult<readonly JobLogItem[], ApiError> {
  return useQuery<readonly JobLogItem[], ApiError>({
    // What was logged with the end of the job is asked for once more.
    queryKey: ['mgn:DescribeJobLogItems', jobID, isOpen],
    queryFn: ({ signal }) => readLog(jobID, signal),
    placeholderData: (before) => before,
    refetchInterval: isOpen ? POLL_MS : false,
    retry: (_, error) => error.status === 0 || error.status >= 500,
  })
}

/** A page of the service has a thousand events; jobs of many servers have more. */
async function readLog(jobID: string, signal: AbortSignal): Promise<readonly JobLogItem[]> {
  const items: JobLogItem[] = []
  let nextToken: string | undefined
  do {
    const input = { jobID, ...(nextToken !== undefined && { nextToken }) }
    const page = await call<Page>('mgn:DescribeJobLogItems', input, signal)
    items.push(...page.items)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return items
}
