import { setTimeout as sleep } from 'node:timers/promises'
import { hostname } from 'node:os'
import { errorText, type InstanceIdentity } from '@landfall/model'
import { readJson, writeFileAtomic, type AgentFiles } from './agent-files.ts'
import { AgentClient } from './service-client/agent-client.ts'
import { ServiceCallError } from './service-client/transport-failure.ts'

const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 30_000

/**
 * How often a service that answers "no" is asked again: it may not know the instance yet in its
 * first moments, but a discarded instance must not ask for ever.
 */
const REFUSALS_MAX = 20

/** The identity the conversion left in this machine; undefined when it is no instance. */
export async function readInstanceIdentity(
  files: AgentFiles,
): Promise<InstanceIdentity | undefined> {
  return (await readJson(files.instance)) as InstanceIdentity | undefined
}

/**
 * Says once that this instance booted, and returns when the service knows. Later boots return at
 * once. Never replicates: an instance is not a source server.
 */
export async function reportFirstBoot(options: {
  files: AgentFiles
  identity: InstanceIdentity
  log: (message: string) => void
  signal: AbortSignal
  retryMsMin?: number
}): Promise<void> {
  const { files, identity, log, signal } = options
  if ((await readJson(files.instanceReported)) !== undefined) return
  const client = new AgentClient({
    endpoint: new URL(identity.endpoint),
    caPem: identity.caCertificatePem,
  })
  const { instanceID, token } = identity
  let retryMs = options.retryMsMin ?? RETRY_MS_MIN
  try {
    for (let refusals = 0; refusals < REFUSALS_MAX;) {
      try {
        await client.reportFirstBoot({ instanceID, token, hostname: hostname() }, signal)
        log(`First boot of instance ${instanceID} reported`)
        await writeFileAtomic(files.instanceReported, JSON.stringify({ at: new Date() }))
        return
      } catch (error) {
        signal.throwIfAborted()
        if (isRefusal(error)) refusals += 1
        log(`First boot of instance ${instanceID} not reported yet: ${errorText(error)}`)
      }
      await sleep(retryMs, undefined, { signal })
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
    }
    log(`The service refuses instance ${instanceID}: giving up until the next boot`)
  } finally {
    client.close()
  }
}

function isRefusal(error: unknown): boolean {
  const status = error instanceof ServiceCallError ? error.status : undefined
  return status !== undefined && status >= 400 && status < 500 && status !== 429
}
