import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError, errorText } from '@landfall/model'
import type { Configuration } from '../installation/configuration.ts'
import type { DataPaths } from '../installation/data-directory.ts'
import { connect } from '../service-client/connect.ts'
import { exchange } from '../service-client/exchange.ts'
import { findPortHolder } from './port-holder.ts'

/** First starts make keys and the database's tables; a loaded machine is slow at both. */
const READY_DEADLINE_MS = 120_000
const POLL_MS = 200
const PING_TIMEOUT_MS = 5_000

export interface ReadinessOptions {
  readonly paths: DataPaths
  readonly configuration: Configuration
  readonly signal: AbortSignal
}

/** Returns once the service answers its ping over TLS with its own authority's certificate. */
export async function waitUntilReady(options: ReadinessOptions): Promise<void> {
  await poll(options, 'service', async () => {
    const answer = await ping(options)
    if (answer.status !== 200) throw new Error(`/ping answers with status ${answer.status}`)
  })
}

/** Returns once the staging area listens and has been heard of by the service since `startedAt`. */
export async function stagingAnswers(options: ReadinessOptions, startedAt: Date): Promise<void> {
  const client = await connect(options.paths.root)
  const { replicationPort } = options.configuration
  await poll(options, 'staging', async () => {
    if ((await findPortHolder(replicationPort)) === undefined) {
      throw new Error(`nobody listens on port ${replicationPort}`)
    }
    const { replicationServers } = await client.landfall<{
      replicationServers: readonly { lastSeenAt: string }[]
    }>('GetStatus', {}, options.signal)
    if (replicationServers.every((server) => Date.parse(server.lastSeenAt) < +startedAt)) {
      throw new Error('the service has not heard of it')
    }
  })
}

async function ping({ paths, configuration, signal }: ReadinessOptions) {
  return await exchange({
    host: '127.0.0.1',
    port: configuration.port,
    method: 'GET',
    path: '/ping',
    headers: {},
    caCertificatePem: await readFile(paths.certificateAuthority, 'utf8'),
    timeoutMs: PING_TIMEOUT_MS,
    signal,
  })
}

async function poll(
  { paths, signal }: ReadinessOptions,
  name: 'service' | 'staging',
  attempt: () => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS
  for (;;) {
    try {
      return await attempt()
    } catch (cause) {
      signal.throwIfAborted()
      if (Date.now() > deadline) {
        throw new LandfallError(
          'unavailable',
          `The ${name} was not ready within ${READY_DEADLINE_MS / 1000} s (${errorText(cause)}). ` +
            `Its messages are in ${paths.logs}/${name}.log.`,
          { cause },
        )
      }
      await sleep(POLL_MS, undefined, { signal })
    }
  }
}
