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

/** The rooms of the console. What is in one is loaded when somebody goes there. */
export const ROOMS: readonly Room[] = [
  {
    text: 'Source servers',
    path: '/source-servers',
    pages: [
      {
        path: '/source-servers',
        Page: lazy(() =>
          import('./servers/servers-page.tsx').then((m) => ({ default: m.ServersPage })),
        ),
      },
      {
        path: '/add-server',
        Page: lazy(() =>
          import('./add-server/add-server-page.tsx').then((m) => ({ default: m.AddServerPage })),
        ),
      },
    ],
  },
  {
    text: 'Applications',
    path: '/applications',
    pages: [
      {
        path: '/applications',
        Page: lazy(() =>
          import('./groups/groups-page.tsx').then((m) => ({ default: m.ApplicationsPage })),
        ),
      },
      {
        path: '/applications/:id',
        Page: lazy(() =>
          import('./groups/group-page.tsx').then((m) => ({ default: m.ApplicationPage })),
        ),
      },
    ],
  },
  {
    text: 'Waves',
    path: '/waves',
    pages: [
      {
        path: '/waves',
        Page: lazy(() =>
          import('./groups/groups-page.tsx').then((m) => ({ default: m.WavesPage })),
        ),
      },
      {
        path: '/waves/:id',
        Page: lazy(() => import('./groups/group-page.tsx').then((m) => ({ default: m.WavePage }))),
      },
    ],
  },
  {
    text: 'Import and export',
    path: '/import-export',
    pages: [
      {
        path: '/import-export',
        Page: lazy(() =>
          import('./import-export/import-export-page.tsx').then((m) => ({
            default: m.ImportExportPage,
          })),
        ),
      },
    ],
  },
  {
    text: 'Users and keys',
    path: '/users',
    pages: [
      {
        path: '/users',
        Page: lazy(() => import('./users/users-page.tsx').then((m) => ({ default: m.UsersPage }))),
      },
      {
        path: '/users/:name',
        Page: lazy(() => import('./users/user-page.tsx').then((m) => ({ default: m.UserPage }))),
      },
    ],
  },
  {
    text: 'Audit log',
    path: '/audit',
    pages: [
      {
        path: '/audit',
        Page: lazy(() => import('./audit/audit-page.tsx').then((m) => ({ default: m.AuditPage }))),
      },
    ],
  },
]
