import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import { type ComponentType, lazy, Suspense } from 'react'
import { useSearchParams } from 'react-router'
import type { SourceServer } from '../api/source-server.ts'
import { DashboardTab } from './dashboard-tab.tsx'

export interface TabProps {
  readonly server: SourceServer
}

interface Tab {
  readonly id: string
  readonly label: string
  readonly Content: ComponentType<TabProps>
}

/** The tabs, the first of which is shown unless the address names another. */
const TABS: readonly Tab[] = [
  { id: 'dashboard', label: 'Migration dashboard', Content: DashboardTab },
  {
    id: 'preflight',
    label: 'Preflight',
    Content: lazy(() => import('./preflight-tab.tsx').then((m) => ({ default: m.PreflightTab }))),
  },
  {
    id: 'info',
    label: 'Server info',
    Content: lazy(() => import('./info-tab.tsx').then((m) => ({ default: m.InfoTab }))),
  },
  {
    id: 'disks',
    label: 'Disks',
    Content: lazy(() => import('./disks-tab.tsx').then((m) => ({ default: m.DisksTab }))),
  },
  {
    id: 'network',
    label: 'Network',
    Content: lazy(() => import('./network-tab.tsx').then((m) => ({ default: m.NetworkTab }))),
  },
  settingsTab('replication', 'Replication settings', () =>
    import('../settings/replication-settings.tsx').then((m) => m.ReplicationSettings),
  ),
  settingsTab('launch', 'Launch settings', () =>
    import('../settings/launch-settings.tsx').then((m) => m.LaunchSettings),
  ),
  settingsTab('post-launch', 'Post-launch settings', () =>
    import('../settings/post-launch-settings.tsx').then((m) => m.PostLaunchSettings),
  ),
  {
    id: 'tags',
    label: 'Tags',
    Content: lazy(() => import('./tags-tab.tsx').then((m) => ({ default: m.TagsTab }))),
  },
  {
    id: 'history',
    label: 'History',
    Content: lazy(() => import('./history-tab.tsx').then((m) => ({ default: m.HistoryTab }))),
  },
]

/** Forms that the template has as well: there they are on the page of the settings. */
function settingsTab(
  id: string,
  label: string,
  load: () => Promise<ComponentType<{ readonly sourceServerID: string }>>,
): Tab {
  const Content = lazy(async () => {
    const Settings = await load()
    const OfServer = ({ server }: TabProps) => <Settings sourceServerID={server.sourceServerID} />
    return { default: OfServer }
  })
  return { id, label, Content }
}

/** One tab of what is known of the server, as the address says which: `?tab=disks`. */
export function ServerTabs({ server }: TabProps) {
  const [params, setParams] = useSearchParams()
  const asked = params.get('tab')
  const active = TABS.find(({ id }) => id === asked) ?? TABS[0]
  return (
    <Tabs
      ariaLabel="What is known of the source server"
      activeTabId={active?.id ?? ''}
      onChange={({ detail }) => setParams({ tab: detail.activeTabId })}
      tabs={TABS.map(({ id, label, Content }) => ({
        id,
        label,
        content: (
          <Suspense fallback={<Spinner size="large" />}>
            <Content server={server} />
          </Suspense>
        ),
      }))}
    />
  )
}
