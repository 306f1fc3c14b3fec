import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from './site.ts'
import { eventually } from '../eventually.ts'

/** Restarts come after growing pauses; what is away for longer is not coming back. */
const ABSENCE_MS_MAX = 60_000

type Find = (site: Site) => Promise<number>

/** The programs of replication, and where the process that runs each of them is found. */
export const VICTIMS = {
  agent: (site) => site.agent.processID(),
  'replication server': fromPidFile(() => 'staging.pid'),
  'storage daemon': fromPidFile((site) => join('staging', site.id, 'daemon.pid')),
  service: fromPidFile(() => 'service.pid'),
} as const satisfies Record<string, Find>

export type Victim = keyof typeof VICTIMS

/** Kills it with SIGKILL; while it is being restarted, as soon as it is back. */
export async function kill(site: Site, victim: Victim): Promise<void> {
  await eventually(
    `a ${victim} that runs`,
    ABSENCE_MS_MAX,
    async () => process.kill(await VICTIMS[victim](site), 'SIGKILL'),
    50,
  )
}

function fromPidFile(name: (site: Site) => string): Find {
  return async (site) => {
    const text = await readFile(join(site.installation.dataDir, 'run', name(site)), 'utf8')
    // The supervisor's files hold the start time too, so that it never ends another process.
    return Number(/\d+/.exec(text)?.[0])
  }
}
