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
        path: '/source-servers/:sourceServerID/settings',
        Page: lazy(() =>
          import('./settings/server-settings-page.tsx').then((m) => ({
            default: m.ServerSettingsPage,
          })),
        ),
      },
    ],
  },
  {
    text: 'Settings',
    path: '/settings',
    pages: [
      {
        path: '/settings',
        Page: lazy(() =>
          import('./settings/settings-page.tsx').then((m) => ({ default: m.SettingsPage })),
        ),
      },
    ],
  },
]
