import SpaceBetween from '@cloudscape-design/components/space-between'
import { DataReplication } from './data-replication.tsx'
import { InitiationChecklist } from './initiation-checklist.tsx'
import { Lifecycle } from './lifecycle.tsx'
import { Points } from './points.tsx'
import { ReplicationHistoryPanel } from './replication-history-panel.tsx'
import type { LifecycleState } from '@landfall/model'
import { CutoverForecastPanel } from '../forecast/cutover-forecast-panel.tsx'
import type { TabProps } from './server-tabs.tsx'
import { StageThroughput } from './stage-throughput.tsx'

/** Before, there is nothing to launch from, and after, nothing more to launch. */
const FORECAST: readonly LifecycleState[] = ['READY_FOR_TEST', 'TESTING', 'READY_FOR_CUTOVER']

/** Where a server is in its migration, and how its data replication goes. */
export function DashboardTab({ server }: TabProps) {
  const { sourceServerID } = server
  return (
    <SpaceBetween size="l">
      <Lifecycle server={server} />
      <DataReplication server={server} />
      {FORECAST.includes(server.lifeCycle.state) && (
        <CutoverForecastPanel sourceServerIDs={[sourceServerID]} />
      )}
      <InitiationChecklist info={server.dataReplicationInfo} />
      <StageThroughput server={server} />
      <ReplicationHistoryPanel sourceServerID={sourceServerID} />
      <Points server={server} />
    </SpaceBetween>
  )
}
