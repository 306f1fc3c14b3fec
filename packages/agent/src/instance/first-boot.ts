import { hostname } from 'node:os'
import { errorText, type InstanceIdentity } from '@landfall/model'
import { readJson, writeFileAtomic, type AgentFiles } from '../agent-files.ts'
import type { AgentClient } from '../service-client/agent-client.ts'
import { Patience } from './patience.ts'

/**
 * Says once that this instance booted, and returns when the service knows; at later boots at once.
 * False: the service refuses this instance.
 */
export async function reportFirstBoot(options: {
  readonly files: AgentFiles
  readonly identity: InstanceIdentity
  readonly client: AgentClient
  readonly log: (message: string) => void
  readonly signal: AbortSignal
  readonly patience?: Patience
}): Promise<boolean> {
  const { files, identity, client, log, signal, patience = new Patience() } = options
  if ((await readJson(files.instanceReported)) !== undefined) return true
  const { instanceID, token } = identity
  for (;;) {
    try {
      await client.reportFirstBoot({ instanceID, token, hostname: hostname() }, signal)
      break
    } catch (error) {
      signal.throwIfAborted()
      log(`First boot of instance ${instanceID} not reported yet: ${errorText(error)}`)
      if (!(await patience.again(error, signal))) return false
      signal.throwIfAborted()
    }
  }
  log(`First boot of instance ${instanceID} reported`)
  await writeFileAtomic(files.instanceReported, JSON.stringify({ at: new Date() }))
  return true
}
