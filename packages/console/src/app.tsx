import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createBrowserRouter,
  createRoutesFromElements,
  Navigate,
  Route,
  RouterProvider,
} from 'react-router'
import { ROOMS } from './rooms.tsx'
import { SessionGate } from './session/session-gate.tsx'
import { FailedPage } from './shell/failed-page.tsx'
import { Notifications } from './shell/notifications.tsx'
import { Shell } from './shell/shell.tsx'
import { useTheme } from './shell/theme.ts'

const queries = new QueryClient()

/** Where the service serves the console (vite.config.ts). */
const BASE = '/console'

const router = createBrowserRouter(
  createRoutesFromElements(
    <Route element={<Shell />}>
      <Route index element={<Navigate to="/source-servers" replace />} />
      <Route errorElement={<FailedPage />}>
        {ROOMS.flatMap(({ pages }) =>
          pages.map(({ path, Page }) => <Route key={path} path={path} element={<Page />} />),
        )}
      </Route>
      <Route path="*" element={<Navigate to="/source-servers" replace />} />
    </Route>,
  ),
  { basename: BASE },
)

export function App() {
  useTheme()
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <SessionGate>
          <Notifications>
            <RouterProvider router={router} />
          </Notifications>
        </SessionGate>
      </QueryClientProvider>
    </I18nProvider>
  )
}
