import { LandfallError, type LifecycleState } from '@landfall/model'
import type { SourceServer } from '../status/source-servers.ts'
import { type Scene, present } from './scene.ts'

/** The server as the operator sees it. The story ends when it is not in the promised state. */
export async function requireState(scene: Scene, promised: LifecycleState): Promise<SourceServer> {
  const sourceServerID = present(scene, 'sourceServerID')
  const { items } = await present(scene, 'operator')<{ items: SourceServer[] }>(
    'DescribeSourceServers',
    { filters: { sourceServerIDs: [sourceServerID] } },
  )
  const [server] = items
  if (server?.lifeCycle?.state === promised) return server
  throw new LandfallError(
    'internal',
    `${sourceServerID} should be ${promised} now, and is ${server?.lifeCycle?.state ?? 'unknown'}.`,
  )
}
