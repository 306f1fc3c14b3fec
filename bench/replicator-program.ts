import { createInterface } from 'node:readline'
import { errorText } from '@landfall/model'
import { startReplicator, type ReplicatorOptions } from '../packages/agent/src/replicator.ts'

/**
 * The agent's replicator in a process of its own, as an installed agent has it, and nothing else in
 * it but this look at its progress. The first line of standard input is its options as JSON; then
 * one command a line: `point ID`, `lag on`, `lag off`, `stop`. What happens is told as lines of
 * JSON.
 */

/** Between two looks at the state: a fraction of what the shortest measured run takes. */
const LOOK_MS = 20
/** Longer than the service waits for a point. */
const POINT_MS_MAX = 60_000

const say = (value: object): void => console.log(JSON.stringify(value))

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const { signal } = new AbortController()
  const replicator = await startReplicator({
    ...(JSON.parse((await lines.next()).value ?? '') as ReplicatorOptions),
    log: (message) => say({ log: message }),
    signal,
  })
  let state = ''
  let lags: number[] | undefined
  setInterval(() => {
    const progress = replicator.progress()
    lags?.push(progress.lagSeconds)
    if (progress.state === state) return
    const { readBytes, wireBytes, error } = progress
    state = progress.state
    const atMs = performance.timeOrigin + performance.now()
    say({ state, atMs, readBytes, wireBytes, error: error?.rawError })
  }, LOOK_MS)
  for await (const line of lines) {
    const [command, argument = ''] = line.split(' ')
    if (command === 'stop') break
    if (command === 'lag' && argument === 'on') lags = []
    else if (command === 'lag') {
      say({ lags })
      lags = undefined
    } else {
      const point = replicator.createPoint(argument, AbortSignal.timeout(POINT_MS_MAX))
      await point.then(
        (description) => say({ point: description }),
        (error: unknown) => say({ failure: errorText(error) }),
      )
    }
  }
  await replicator.dispose()
  process.exit()
}

await main()
