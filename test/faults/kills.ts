import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultContext } from './fault.ts'
import type { Site } from './site.ts'
import { kill, VICTIMS, type Victim } from './victims.ts'
import { eventually } from '../eventually.ts'

/** An order whose maker was killed fails with a sentence or succeeds, and does not hang. */
const ORDER_MS_MAX = 180_000

/** Brings the site to a stage of the protocol; the kill follows within the stage. */
interface Stage {
  readonly on: Fault['on']
  /** The kill comes at a moment of this, by the seed. */
  readonly withinMs: number
  /** Begins the stage; what it gives ends and says how it ended, after the kill. */
  readonly begin: (site: Site) => Promise<() => Promise<string>>
}

const STAGES: Readonly<Record<string, Stage>> = {
  'the initial sync': {
    on: 'new',
    withinMs: 3000,
    begin: async (site) => {
      await eventually('the initial sync', 30_000, async () => {
        const { dataReplicationState } = await site.replication()
        return dataReplicationState === 'INITIAL_SYNC' ? true : undefined
      })
      return () => Promise.resolve('')
    },
  },
  'a rescan': {
    on: 'standing',
    // 256 MiB take about so long.
    withinMs: 250,
    begin: async (site) => {
      await kill(site, 'agent')
      await untilConnected(site, false)
      await untilConnected(site, true)
      return () => Promise.resolve('')
    },
  },
  'steady load': {
    on: 'standing',
    withinMs: 3000,
    begin: (site) => {
      site.startLoad()
      return Promise.resolve(async () => {
        await site.stopLoad()
        return ''
      })
    },
  },
  'a point': {
    on: 'standing',
    withinMs: 1500,
    begin: (site) => {
      site.startLoad()
      const order = outcomeOf(site, 'create')
      return Promise.resolve(async () => {
        const outcome = await order
        await site.stopLoad()
        return `, the point ${outcome}`
      })
    },
  },
  'a verification': {
    on: 'standing',
    withinMs: 1500,
    begin: (site) => {
      const order = outcomeOf(site, 'verify')
      return Promise.resolve(async () => `, the verification ${await order}`)
    },
  },
}

async function untilConnected(site: Site, wanted: boolean): Promise<void> {
  const ask = async (): Promise<true | undefined> =>
    (await site.connections()) > 0 === wanted ? true : undefined
  await eventually(`the agent ${wanted ? 'connects' : 'is gone'}`, 60_000, ask, 10)
}

/** How an order to `landfall points` ends: it may fail, but must say so in time. */
async function outcomeOf(site: Site, command: 'create' | 'verify'): Promise<string> {
  const order = site.installation.landfall('points', command, site.id, '--json').then(
    () => 'succeeded',
    (error: unknown) => `failed (${/landfall: (.*)/.exec(String(error))?.[1] ?? String(error)})`,
  )
  const timeout = new AbortController()
  const late = sleep(ORDER_MS_MAX, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`points ${command} neither succeeded nor failed in ${ORDER_MS_MAX / 1000} s`)
  })
  try {
    return await Promise.race([order, late])
  } finally {
    timeout.abort()
    late.catch(() => undefined)
  }
}

async function killDuring(stage: Stage, victim: Victim, context: FaultContext): Promise<string> {
  const { site, random } = context
  const delayMs = random.below(stage.withinMs)
  const end = await stage.begin(site)
  let outcome = ''
  try {
    await sleep(delayMs)
    await kill(site, victim)
  } finally {
    outcome = await end()
  }
  return `kill -9 after ${delayMs} ms${outcome}`
}

/** Every program killed at every stage. */
export const KILLS: readonly Fault[] = (Object.keys(VICTIMS) as Victim[]).flatMap((victim) =>
  Object.entries(STAGES).map(([name, stage]): Fault => {
    return {
      name: `${victim} killed during ${name}`,
      on: stage.on,
      cause: (context) => killDuring(stage, victim, context),
    }
  }),
)
