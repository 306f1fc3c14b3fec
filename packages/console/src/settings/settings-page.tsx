import { BucketStore } from './bucket-store.tsx'
import { LaunchTemplate } from './launch-template.tsx'
import { PostLaunchTemplate } from './post-launch-settings.tsx'
import { ReplicationTemplate } from './replication-template.tsx'
import { TabbedPage } from './tabbed-page.tsx'
import { Webhook } from './webhook.tsx'

const TABS = [
  { id: 'replication', label: 'Replication template', content: <ReplicationTemplate /> },
  { id: 'launch', label: 'Launch template', content: <LaunchTemplate /> },
  { id: 'post-launch', label: 'Post-launch template', content: <PostLaunchTemplate /> },
  { id: 'events', label: 'Events', content: <Webhook /> },
  { id: 'buckets', label: 'Buckets', content: <BucketStore /> },
]

/** What servers that register from now on have of settings, and what the installation has. */
export function SettingsPage() {
  return (
    <TabbedPage
      header="Settings"
      description="Servers that register from now on take the templates over; others stay as they are."
      tabs={TABS}
    />
  )
}
