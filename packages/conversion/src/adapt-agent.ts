import type { InstanceIdentity } from '@landfall/model'
import type { GuestFiles } from '@landfall/guest'

/** The agent's default install folder; another one cannot be known from outside. */
const AGENT_DIR = '/var/lib/landfall-agent'

/** What lets an agent speak for the source server: an instance must never send data as it. */
const REPLICATION_IDENTITY = ['agent.key', 'agent.crt']

/** Switches the agent in the copy to instance mode: it reports its boot, and runs commands. */
export async function adaptAgent(guest: GuestFiles, identity: InstanceIdentity): Promise<string[]> {
  if (!(await guest.isFolder(AGENT_DIR))) {
    return [
      `The replication agent was not found in ${AGENT_DIR}: the instance will not report its first boot.`,
    ]
  }
  for (const name of REPLICATION_IDENTITY) await guest.remove(`${AGENT_DIR}/${name}`)
  const json = Buffer.from(`${JSON.stringify(identity, null, 2)}\n`).toString('latin1')
  await guest.write(`${AGENT_DIR}/instance.json`, json, 0o600)
  return []
}
