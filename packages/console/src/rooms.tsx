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
    ],
  },
  {
    text: 'Launch history',
    path: '/launch-history',
    pages: [
      {
        path: '/launch-history',
        Page: lazy(() =>
          import('./launches/launch-history-page.tsx').then((m) => ({
            default: m.LaunchHistoryPage,
          })),
        ),
      },
      {
        path: '/launch-history/:jobID',
        Page: lazy(() => import('./launches/job-page.tsx').then((m) => ({ default: m.JobPage }))),
      },
    ],
  },
  {
    text: 'Instances',
    path: '/instances',
    pages: [
      {
        path: '/instances',
        Page: lazy(() =>
          import('./instances/instances-page.tsx').then((m) => ({ default: m.InstancesPage })),
        ),
      },
      {
        path: '/instances/:instanceID',
        Page: lazy(() =>
          import('./instances/instance-page.tsx').then((m) => ({ default: m.InstancePage })),
        ),
      },
    ],
  },
]
