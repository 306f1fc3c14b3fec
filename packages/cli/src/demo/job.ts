import { setTimeout as sleep } from 'node:timers/promises'
import {
  type JobLogEvent,
  type JobLogItem,
  type JobStatus,
  type LaunchStatus,
  LandfallError,
} from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

const POLL_MS = 2_000

interface Job {
  readonly jobID: string
  readonly status: JobStatus
  readonly participatingServers?: readonly {
    readonly launchStatus?: LaunchStatus
    readonly launchedEc2InstanceID?: string
  }[]
}

/**
 * The mission's step an event of a job log belongs to; `letter` is C for a test, D for a cutover.
 */
export function missionStep(event: JobLogEvent, letter: 'C' | 'D'): string {
  if (event.startsWith('SNAPSHOT') || event === 'USING_PREVIOUS_SNAPSHOT') return 'B-5'
  if (event === 'CONVERSION_START') return `${letter}-1`
  if (event.startsWith('CONVERSION')) return `${letter}-2`
  if (event.startsWith('LAUNCH')) return `${letter}-3`
  return '   '
}

/**
 * Follows a launch job of one server to its end, passing on each entry of its log once. Returns the
 * launched instance's ID; a launch that failed is `unavailable`, with the log's own cause.
 */
export async function followJob(
  client: ServiceClient,
  jobID: string,
  options: { readonly signal: AbortSignal; readonly onItem: (item: JobLogItem) => Promise<void> },
): Promise<string> {
  const seen: JobLogItem[] = []
  for (;;) {
    const job = await describeJob(client, jobID, options.signal)
    const { items } = await client.mgn<{ items: JobLogItem[] }>(
      'DescribeJobLogItems',
      { jobID, maxResults: 1000 },
      options.signal,
    )
    for (const item of items.slice(seen.length)) {
      await options.onItem(item)
      seen.push(item)
    }
    if (job.status === 'COMPLETED') return launchedInstance(job, seen)
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
}

async function describeJob(
  client: ServiceClient,
  jobID: string,
  signal: AbortSignal,
): Promise<Job> {
  const { items } = await client.mgn<{ items: Job[] }>(
    'DescribeJobs',
    { filters: { jobIDs: [jobID] } },
    signal,
  )
  if (items[0] === undefined) throw new LandfallError('not_found', `There is no job ${jobID}.`)
  return items[0]
}

function launchedInstance(job: Job, items: readonly JobLogItem[]): string {
  const server = job.participatingServers?.[0]
  if (server?.launchStatus === 'LAUNCHED' && server.launchedEc2InstanceID !== undefined) {
    return server.launchedEc2InstanceID
  }
  const error = items.findLast((item) => item.eventData.rawError !== undefined)
  throw new LandfallError(
    'unavailable',
    `Job ${job.jobID} ended with launch status ${server?.launchStatus ?? 'unknown'}: ` +
      `${error?.eventData.rawError ?? 'its log gives no cause'}.`,
  )
}
