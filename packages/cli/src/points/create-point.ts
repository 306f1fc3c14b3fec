import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { PointView } from '@landfall/model'

const POLL_MS = 500

/**
 * Has a point of the server made now and returns it once it is available. A point that fails is
 * `unavailable`, with the agent's or the staging area's reason; the service sets the deadline.
 */
export async function createPoint(
  client: ServiceClient,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<PointView> {
  const created = await client.landfall<{ point: PointView }>(
    'CreatePoint',
    { sourceServerID },
    signal,
  )
  let { point } = created
  while (point.state === 'REQUESTED') {
    await sleep(POLL_MS, undefined, { signal })
    point = await describePoint(client, sourceServerID, point.id, signal)
  }
  if (point.state === 'AVAILABLE') return point
  throw new LandfallError(
    'unavailable',
    `No point of ${sourceServerID} could be made: ${point.error ?? 'the service gives no reason'}. ` +
      `\`landfall status ${sourceServerID}\` shows the state of its replication.`,
  )
}

/** The point as it is now. */
export async function describePoint(
  client: ServiceClient,
  sourceServerID: string,
  pointID: string,
  signal: AbortSignal,
): Promise<PointView> {
  const answer = await client.landfall<{ point: PointView }>(
    'DescribePoint',
    { sourceServerID, pointID },
    signal,
  )
  return answer.point
}
