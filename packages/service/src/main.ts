import path from 'node:path'
import { inspect, parseArgs } from 'node:util'
import { errorText, LandfallError } from '@landfall/model'
import { clusterConnectionString } from './database/cluster.ts'
import { startService } from './start-service.ts'

const USAGE = 'Usage: node main.ts --data-dir DIRECTORY [--database-url URL]'

const log = (message: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`)
}

/** Resolves at the first SIGTERM or SIGINT. */
function stopRequested(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => controller.abort(new Error(`received ${signal}`)))
  }
  return controller.signal
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      'database-url': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  if (values['data-dir'] === undefined) throw new LandfallError('validation', USAGE)
  const dataDir = path.resolve(values['data-dir'])
  const signal = stopRequested()
  await using _service = await startService({
    dataDir,
    connectionString:
      values['database-url'] ?? clusterConnectionString(path.join(dataDir, 'run', 'postgres')),
    accelerator: process.env['LANDFALL_ACCELERATOR'],
    log,
    now: () => new Date(),
    signal,
  })
  log('the service is ready')
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
  log(`the service stops: ${errorText(signal.reason)}`)
}

try {
  await main()
} catch (error) {
  // A sentence where the cause is known; who looks for a defect needs the place.
  const text = error instanceof LandfallError ? error.message : inspect(error)
  log(`the service cannot run: ${text}`)
  process.exitCode = 1
}
