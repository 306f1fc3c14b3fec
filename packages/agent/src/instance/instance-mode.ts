import type { InstanceIdentity } from '@landfall/model'
import { readJson, type AgentFiles } from '../agent-files.ts'
import type { AgentLog } from '../agent-log.ts'
import { AgentClient } from '../service-client/agent-client.ts'
import { HttpsTransport } from '../service-client/https-transport.ts'
import { ChannelTransport } from './channel-transport.ts'
import { reportFirstBoot } from './first-boot.ts'
import { InstanceCommands } from './instance-commands.ts'
import { InstanceTransport } from './instance-transport.ts'

/** How often the log reaches the disk. */
const FLUSH_MS = 1000

/** The identity the conversion left in this machine; undefined when it is no instance. */
export async function readInstanceIdentity(
  files: AgentFiles,
): Promise<InstanceIdentity | undefined> {
  return (await readJson(files.instance)) as InstanceIdentity | undefined
}

/**
 * The agent's life in a launched instance: reports its first boot, then runs the commands that the
 * service has for it. Never replicates: an instance is not a source server. Returns when the signal
 * is aborted, or when the service wants to know nothing of this instance; until the next boot then.
 * `done`: the instance is the migrated server now, and the caller removes the installation.
 */
export async function runInstance(options: {
  readonly files: AgentFiles
  readonly identity: InstanceIdentity
  readonly log: AgentLog
  readonly signal: AbortSignal
  readonly channel?: ChannelTransport
}): Promise<'stopped' | 'done'> {
  const { files, identity, log, signal, channel = new ChannelTransport() } = options
  const https = new HttpsTransport({
    endpoint: new URL(identity.endpoint),
    caPem: identity.caCertificatePem,
  })
  const client = new AgentClient(new InstanceTransport({ channel, https, log: log.log }))
  const flushing = setInterval(() => void log.flush(), FLUSH_MS)
  try {
    const shared = { files, identity, client, log: log.log, signal }
    const isWelcome = await reportFirstBoot(shared)
    const end = isWelcome ? await new InstanceCommands(shared).run() : 'stopped'
    if (end === 'done') log.log('The migration is done: uninstalling')
    if (signal.aborted || end === 'done') return end
    log.log(`The service refuses instance ${identity.instanceID}: giving up until the next boot`)
    return end
  } finally {
    clearInterval(flushing)
    client.close()
    await log.flush()
  }
}
