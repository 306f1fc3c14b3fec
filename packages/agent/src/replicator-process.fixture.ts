import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { errorText } from '@landfall/model'
import { startReplicator, type ReplicatorOptions } from './replicator.ts'

/**
 * Test fixture: a replicator in a process of its own, so that it can be killed. Takes the path of
 * its options as JSON, one command a line (`point ID`, `verify`, `stop`), and answers each with a
 * line of JSON; changes of state come as lines of their own.
 */
async function main(optionsPath: string): Promise<void> {
  const say = (value: object): void => console.log(JSON.stringify(value))
  const { signal } = new AbortController()
  const replicator = await startReplicator({
    ...(JSON.parse(readFileSync(optionsPath, 'utf8')) as ReplicatorOptions),
    log: (message) => say({ log: message }),
    signal,
  })
  const tell = (): void => say({ state: replicator.progress().state })
  replicator.onChange(tell)
  tell()
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, pointID = ''] = line.split(' ')
    try {
      if (command === 'point') say({ point: await replicator.createPoint(pointID, signal) })
      else if (command === 'verify') say({ report: await replicator.verify({ signal }) })
      else if (command === 'memory') say({ rss: process.memoryUsage.rss() })
      else break
    } catch (error) {
      say({ error: errorText(error) })
    }
  }
  await replicator.stop()
  say({ stopped: true })
  process.exit()
}

await main(process.argv[2] ?? '')
