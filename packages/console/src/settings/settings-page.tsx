import { LaunchTemplate } from './launch-template.tsx'
import { PostLaunchTemplate } from './post-launch-settings.tsx'
import { ReplicationTemplate } from './replication-template.tsx'
import { TabbedPage } from './tabbed-page.tsx'

const TABS = [
  { id: 'replication', label: 'Replication template', content: <ReplicationTemplate /> },
  { id: 'launch', label: 'Launch template', content: <LaunchTemplate /> },
  { id: 'post-launch', label: 'Post-launch template', content: <PostLaunchTemplate /> },
]

/** What servers that register from now on have of settings. */
export function SettingsPage() {
  return (
    <TabbedPage
      header="Settings"
      description="Templates: servers that register from now on take them over. Others stay as they are."
      tabs={TABS}
    />
  )
}
