import type { ServiceClient } from '../service-client/service-client.ts'
import type { SourceServer } from './source-servers.ts'

/** What the service says of an instance it launched. */
export interface Instance {
  readonly instanceID: string
  readonly state: string
  /** Where it is less than was asked for, a sentence each. */
  readonly notes: readonly string[]
  /** Where what it printed, and what its screen showed last, can be read on this machine. */
  readonly serialLogPath: string
  readonly screenshotPath: string
  /** Its disks need nothing of the staging area any more. */
  readonly independent: boolean
  readonly disks: readonly { readonly deviceName: string; readonly path: string }[]
}

export async function describeInstance(
  client: ServiceClient,
  instanceID: string,
  signal: AbortSignal,
): Promise<Instance> {
  return await client.landfall<Instance>('DescribeInstance', { instanceID }, signal)
}

/** The instance launched last from the server; undefined when there is none. */
export async function instanceOf(
  client: ServiceClient,
  server: SourceServer,
  signal: AbortSignal,
): Promise<Instance | undefined> {
  const instanceID = server.launchedInstance?.ec2InstanceID
  return instanceID === undefined ? undefined : await describeInstance(client, instanceID, signal)
}
