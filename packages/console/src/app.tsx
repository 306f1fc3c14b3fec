import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { BrowserRouter, Navigate, Route, Routes } from 'react-router'
import { ROOMS } from './rooms.tsx'
import { SessionGate } from './session/session-gate.tsx'
import { Notifications } from './shell/notifications.tsx'
import { Shell } from './shell/shell.tsx'
import { useTheme } from './shell/theme.ts'

const queries = new QueryClient()

/** Where the service serves the console (vite.config.ts). */
const BASE = '/console'

export function App() {
  useTheme()
  return (
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <BrowserRouter basename={BASE}>
          <SessionGate>
            <Notifications>
              <Routes>
                <Route element={<Shell />}>
                  <Route index element={<Navigate to="/source-servers" replace />} />
                  {ROOMS.flatMap(({ pages }) =>
                    pages.map(({ path, Page }) => (
                      <Route key={path} path={path} element={<Page />} />
                    )),
                  )}
                  <Route path="*" element={<Navigate to="/source-servers" replace />} />
                </Route>
              </Routes>
            </Notifications>
          </SessionGate>
        </BrowserRouter>
      </QueryClientProvider>
    </I18nProvider>
  )
}
