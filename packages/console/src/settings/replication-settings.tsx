import SpaceBetween from '@cloudscape-design/components/space-between'
import { usePolled } from '../api/polling.ts'
import { Loaded } from './loaded.tsx'
import { PointsForm } from './replication/points-form.tsx'
import { ScrubForm } from './replication/scrub-form.tsx'
import {
  type ReplicationSettings as Configuration,
  ThrottleForm,
} from './replication/throttle-form.tsx'

interface ServerProps {
  readonly sourceServerID: string
}

/** How one server is replicated: its data, its points, and the proof that the replica is right. */
export function ReplicationSettings({ sourceServerID }: ServerProps) {
  // Another server's forms are others.
  return <Forms key={sourceServerID} sourceServerID={sourceServerID} />
}

function Forms({ sourceServerID }: ServerProps) {
  const id = { sourceServerID }
  const query = usePolled<Configuration>('mgn:GetReplicationConfiguration', id)
  return (
    <SpaceBetween size="l">
      <Loaded query={query} what="the replication settings">
        {(settings) => (
          <ThrottleForm
            settings={settings}
            action="mgn:UpdateReplicationConfiguration"
            id={id}
            description="The agent learns of a change at once."
          />
        )}
      </Loaded>
      <PointsForm sourceServerID={sourceServerID} />
      <ScrubForm sourceServerID={sourceServerID} />
    </SpaceBetween>
  )
}
