import { useParams } from 'react-router'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { Loaded } from './form/loaded.tsx'
import { LaunchSettings } from './launch-settings.tsx'
import { PostLaunchSettings } from './post-launch-settings.tsx'
import { ReplicationSettings } from './replication-settings.tsx'
import { TabbedPage } from './tabbed-page.tsx'

/** The settings of one server. */
export function ServerSettingsPage() {
  const { sourceServerID = '' } = useParams()
  const query = usePolled<SourceServer>('landfall:GetSourceServer', { sourceServerID })
  return (
    <Loaded query={query} what="the server">
      {(server) => (
        <TabbedPage
          header={`Settings of ${serverName(server)}`}
          description={sourceServerID}
          tabs={tabsOf({ sourceServerID })}
        />
      )}
    </Loaded>
  )
}

function tabsOf(server: { readonly sourceServerID: string }) {
  return [
    {
      id: 'replication',
      label: 'Replication settings',
      content: <ReplicationSettings {...server} />,
    },
    { id: 'launch', label: 'Launch settings', content: <LaunchSettings {...server} /> },
    {
      id: 'post-launch',
      label: 'Post-launch settings',
      content: <PostLaunchSettings {...server} />,
    },
  ]
}
