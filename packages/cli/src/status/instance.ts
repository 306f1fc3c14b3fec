import type { InstanceDetails } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { SourceServer } from './source-servers.ts'

export async function describeInstance(
  client: ServiceClient,
  instanceID: string,
  signal: AbortSignal,
): Promise<InstanceDetails> {
  return await client.landfall<InstanceDetails>('DescribeInstance', { instanceID }, signal)
}

/** The instance launched last from the server; undefined when there is none. */
export async function instanceOf(
  client: ServiceClient,
  server: SourceServer,
  signal: AbortSignal,
): Promise<InstanceDetails | undefined> {
  const instanceID = server.launchedInstance?.ec2InstanceID
  return instanceID === undefined ? undefined : await describeInstance(client, instanceID, signal)
}
