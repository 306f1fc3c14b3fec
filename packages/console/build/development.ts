import { join } from 'node:path'
import { createServer } from 'vite'

const CONFIGURATION = join(import.meta.dirname, '..', 'vite.config.ts')

/** What of the console's paths the service answers, and not its pages. */
const SERVICE_PATHS = ['/console/api', '/console/session', '/console/screen']

/**
 * Serves the console's pages from their sources, to this machine only: what is changed shows at
 * once. They speak to `service`, whose certificate is not looked at. Another port is taken where
 * `port` is in use. Dispose to end it.
 */
export async function serveConsole(options: {
  readonly service: string
  readonly port: number
}): Promise<AsyncDisposable & { readonly url: string }> {
  const target = { target: options.service, secure: false, ws: true }
  const server = await createServer({
    configFile: CONFIGURATION,
    logLevel: 'warn',
    server: {
      port: options.port,
      proxy: Object.fromEntries(SERVICE_PATHS.map((path) => [path, target])),
    },
  })
  await server.listen()
  const [url = ''] = server.resolvedUrls?.local ?? []
  return { url, [Symbol.asyncDispose]: () => server.close() }
}
