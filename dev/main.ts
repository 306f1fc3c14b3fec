import { parseArgs } from 'node:util'
import { errorText } from '@landfall/model'
import { serveConsole } from '../packages/console/build/development.ts'
import { repeat } from '../packages/service/src/background.ts'
import { LATECOMERS } from './cast.ts'
import { Clock } from './clock.ts'
import { createDevelopmentService } from './development-service.ts'
import { multiplyServers } from './many-servers.ts'
import { PASSWORD } from './people.ts'
import { PlayedSite } from './played-site.ts'
import { Story } from './story.ts'

const USAGE = 'npm run dev [-- [--servers NUMBER] [--port PORT]]'

/** Vite's own. */
const PORT = 5173

/** How often played agents and the staging area do something. */
const LOOK_MS = 2000

/** A further server registers so often, for whoever looks at the page that waits for one. */
const LATECOMER_MS = 90_000

const log = (message: string): void => console.error(message)

/** The whole console, with a service that migrates nothing, until a signal ends it. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      servers: { type: 'string' },
      port: { type: 'string', default: String(PORT) },
      help: { type: 'boolean', default: false },
    },
  })
  const servers = Number(values.servers ?? 0)
  const port = Number(values.port)
  if (values.help || !Number.isSafeInteger(servers) || !Number.isSafeInteger(port)) {
    return console.log(USAGE)
  }
  await using stack = new AsyncDisposableStack()
  const clock = new Clock()
  const service = stack.use(await createDevelopmentService({ now: clock.now, log }))
  const site = stack.use(new PlayedSite(service, clock))
  await Story.tell(service, site, clock)
  if (servers > 0) await multiplyServers(service, servers)
  service.startSchedules()
  stack.use(repeat(() => attempt(() => site.look()), LOOK_MS))
  const coming = LATECOMERS.values()
  const come = async () => {
    const { value } = coming.next()
    if (value !== undefined) await site.register(value)
  }
  stack.use(repeat(() => attempt(come), LATECOMER_MS))
  const endpoint = await service.listen()
  const pages = stack.use(await serveConsole({ service: endpoint, port }))
  const { accessKeyId, secretAccessKey } = service.administrator
  console.log(`
The console   ${pages.url}
access key    ${accessKeyId}
secret        ${secretAccessKey}
or user       ann, ben or vera, with the policies that are said in dev/people.ts
password      ${PASSWORD}
The service   ${endpoint}, with its database in memory: Ctrl+C ends and forgets all
`)
  await stopRequested()
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => log(errorText(error)))
}

function stopRequested(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  return promise
}

await main()
