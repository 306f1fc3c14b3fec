import { type ComponentType, lazy, type LazyExoticComponent } from 'react'

/** A page, and where it is: react-router's patterns. */
export interface Page {
  readonly path: string
  readonly Page: LazyExoticComponent<ComponentType>
}

/** Pages that belong together; the first of its paths is in the navigation. */
export interface Room {
  readonly text: string
  readonly path: string
  readonly pages: readonly Page[]
}

/** A page whose files are loaded when somebody goes there. */
function page(path: string, load: () => Promise<ComponentType>): Page {
  return { path, Page: lazy(() => load().then((loaded) => ({ default: loaded }))) }
}

/** The rooms of the console, in the order of the navigation. */
export const ROOMS: readonly Room[] = [
  {
    text: 'Source servers',
    path: '/source-servers',
    pages: [
      page('/source-servers', () =>
        import('./servers/servers-page.tsx').then((m) => m.ServersPage),
      ),
      page('/source-servers/:sourceServerID', () =>
        import('./server/server-page.tsx').then((m) => m.ServerPage),
      ),
    ],
  },
  {
    text: 'Launch history',
    path: '/launch-history',
    pages: [
      page('/launch-history', () =>
        import('./launches/launch-history-page.tsx').then((m) => m.LaunchHistoryPage),
      ),
      page('/launch-history/:jobID', () =>
        import('./launches/job-page.tsx').then((m) => m.JobPage),
      ),
    ],
  },
  {
    text: 'Instances',
    path: '/instances',
    pages: [
      page('/instances', () =>
        import('./instances/instances-page.tsx').then((m) => m.InstancesPage),
      ),
      page('/instances/:instanceID', () =>
        import('./instances/instance-page.tsx').then((m) => m.InstancePage),
      ),
    ],
  },
  {
    text: 'Settings',
    path: '/settings',
    pages: [
      page('/settings', () => import('./settings/settings-page.tsx').then((m) => m.SettingsPage)),
    ],
  },
]
