import { parseArgs } from 'node:util'
import { errorText } from '@landfall/model'
import { startStaging } from './staging.ts'

const USAGE = 'usage: main.ts --data-dir D [--service https://127.0.0.1:8443] [--port 1500]'

const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    service: { type: 'string', default: 'https://127.0.0.1:8443' },
    port: { type: 'string', default: '1500' },
    help: { type: 'boolean', default: false },
  },
})

function log(message: string): void {
  console.log(`${new Date().toISOString()} ${message}`)
}

async function main(): Promise<void> {
  const dataDir = values['data-dir']
  if (dataDir === undefined) throw new Error(USAGE)
  const stopped = Promise.withResolvers<void>()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopped.resolve())
  await using _staging = await startStaging({
    dataDir,
    serviceEndpoint: values.service,
    replicationPort: Number(values.port),
    log,
  })
  await stopped.promise
  log('Shutting down')
}

try {
  if (values.help) console.log(USAGE)
  else await main()
} catch (error) {
  console.error(errorText(error))
  process.exitCode = 1
}
