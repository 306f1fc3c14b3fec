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
      page('/add-server', () =>
        import('./add-server/add-server-page.tsx').then((m) => m.AddServerPage),
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
    text: 'Applications',
    path: '/applications',
    pages: [
      page('/applications', () =>
        import('./groups/groups-page.tsx').then((m) => m.ApplicationsPage),
      ),
      page('/applications/:id', () =>
        import('./groups/group-page.tsx').then((m) => m.ApplicationPage),
      ),
    ],
  },
  {
    text: 'Waves',
    path: '/waves',
    pages: [
      page('/waves', () => import('./groups/groups-page.tsx').then((m) => m.WavesPage)),
      page('/waves/:id', () => import('./groups/group-page.tsx').then((m) => m.WavePage)),
    ],
  },
  {
    text: 'Import and export',
    path: '/import-export',
    pages: [
      page('/import-export', () =>
        import('./import-export/import-export-page.tsx').then((m) => m.ImportExportPage),
      ),
    ],
  },
  {
    text: 'Users and keys',
    path: '/users',
    pages: [
      page('/users', () => import('./users/users-page.tsx').then((m) => m.UsersPage)),
      page('/users/:name', () => import('./users/user-page.tsx').then((m) => m.UserPage)),
    ],
  },
  {
    text: 'Audit log',
    path: '/audit',
    pages: [page('/audit', () => import('./audit/audit-page.tsx').then((m) => m.AuditPage))],
  },
  {
    text: 'Settings',
    path: '/settings',
    pages: [
      page('/settings', () => import('./settings/settings-page.tsx').then((m) => m.SettingsPage)),
    ],
  },
]
