import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../installation.ts'
import type { Fault, FaultContext } from './fault.ts'
import { issued, selfSigned, type Identity } from './openssl.ts'
import { commandLinesWith } from './processes.ts'
import type { Site } from './site.ts'
import { codeOf, identityOf, Stranger } from './stranger.ts'
import { eventually } from '../eventually.ts'

const OTHER_SERVER = 's-0123456789abcdef0'
const CLAIMS = 5
const COPY_STOP_MS_MAX = 60_000

export const IDENTITIES: readonly Fault[] = [
  { name: 'a certificate of another server', on: 'standing', cause: otherCertificate },
  { name: 'two agents: a copied certificate begins sessions', on: 'standing', cause: copiedKey },
  { name: 'two agents: a copied folder is started', on: 'standing', cause: copiedFolder },
]

/** None of these may reach the replica, nor disturb the agent that replicates to it. */
async function otherCertificate({ stand, site }: FaultContext): Promise<string> {
  const authority = join(stand.installation.dataDir, 'ca')
  const logged = (await site.log()).length
  site.startLoad()
  const other = await issued(authority, { unit: 'agent', name: OTHER_SERVER })
  await expectAnswer('another server for this one', site, other, 'not_admitted')
  await expectAnswer('a server nobody knows', site, other, 'not_admitted', OTHER_SERVER)
  const role = await issued(authority, { unit: 'replication-server', name: site.id })
  await expectAnswer('a certificate of another role', site, role, 'closed')
  await expectAnswer('a certificate of another authority', site, await selfSigned(), 'closed')
  await sleep(1000) // The agent's log is written twice a second.
  await site.stopLoad()
  const since = (await site.log()).slice(logged)
  if (/Not connected/.test(since)) throw new Error(`The agent was disturbed: ${since}`)
  return 'another server’s, an unknown server’s, another role’s, another authority’s: all refused'
}

async function expectAnswer(
  what: string,
  site: Site,
  identity: Identity,
  expected: string,
  claimed = site.id,
): Promise<void> {
  const answer = await claim(site, identity, claimed)
  if (answer !== expected) throw new Error(`${what} was answered by ${answer}`)
}

/** What a hello with this identity is answered: a code, `welcome`, or `closed`. */
async function claim(site: Site, identity: Identity, sourceServerID: string): Promise<string> {
  try {
    await using stranger = await Stranger.connect(site, identity)
    const answer = await stranger.hello(sourceServerID)
    if (answer === undefined) return 'closed'
    return answer.type === 'fatal' ? codeOf(answer) : answer.type
  } catch {
    return 'closed' // During the handshake already, or by it.
  }
}

/** Each session of the copy ends the agent's; the agent comes back and loses nothing. */
async function copiedKey({ site, random }: FaultContext): Promise<string> {
  const identity = await identityOf(site)
  site.startLoad()
  for (let index = 0; index < CLAIMS; index += 1) {
    await sleep(random.below(2000))
    const answer = await claim(site, identity, site.id)
    if (answer !== 'welcome') throw new Error(`The copy's hello was answered by ${answer}`)
  }
  await site.stopLoad()
  return `${CLAIMS} sessions of a copy, each at a moment under load`
}

/** A copy of the whole installation directory, started beside the agent it was copied from. */
async function copiedFolder({ site, random }: FaultContext): Promise<string> {
  const copy = join(site.agent.installDir, '..', 'copy')
  const lastsMs = 5000 + random.below(10_000)
  await run('cp', ['-a', site.agent.installDir, copy])
  await rm(join(copy, 'agent.pid'), { force: true })
  site.startLoad()
  const loop = spawn('/bin/sh', [join(copy, 'bin', 'supervise'), copy], {
    stdio: 'ignore',
    detached: true,
  })
  try {
    await sleep(lastsMs)
    const { dataReplicationState: state, dataReplicationError: error } = await site.replication()
    return `for ${lastsMs} ms; meanwhile ${state} ${error?.error ?? ''}`.trimEnd()
  } finally {
    await endCopy(loop, copy)
    await rm(copy, { recursive: true })
    await site.stopLoad()
  }
}

async function endCopy(loop: ChildProcess, copy: string): Promise<void> {
  const exited = loop.exitCode === null ? once(loop, 'exit') : undefined
  loop.kill('SIGTERM')
  await exited
  await eventually('the copy ends', COPY_STOP_MS_MAX, async () =>
    (await commandLinesWith(copy)).length === 0 ? true : undefined,
  )
}
