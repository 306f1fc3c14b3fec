import assert from 'node:assert/strict'
import { after, before, type TestContext } from 'node:test'
import { crc32 } from 'node:zlib'
import { newId } from '@landfall/model'
import { scatterTableBytes, writeScatterTable } from '@landfall/wire'
import { MemoryVolumeSet } from '../volumes/memory-volumes.ts'
import { ReplicationServer } from './replication-server.ts'
import { someHello, TestAgent } from './test-agent.ts'
import { TestAuthority, type TestIdentity } from './test-certificates.ts'

export const MIB = 1024 * 1024
export const DISKS = [
  { deviceName: '/dev/sda', sizeBytes: 8 * MIB },
  { deviceName: '/dev/sdb', sizeBytes: 4 * MIB },
]
export const SERVER_ID = newId('sourceServer')
/** The payload of a data frame that is as it should be. */
export const GOOD = Buffer.alloc(4096, 1)

export let authority: TestAuthority
export let serverIdentity: TestIdentity
export let agentIdentity: TestIdentity

before(async () => {
  authority = await TestAuthority.create()
  serverIdentity = await authority.issue('replication-server', newId('replicationServer'))
  agentIdentity = await authority.issue('agent', SERVER_ID)
})
after(() => authority[Symbol.asyncDispose]())

export interface Started {
  readonly server: ReplicationServer
  readonly set: MemoryVolumeSet
  readonly log: string[]
  readonly events: string[]
  readonly admitted: Set<string>
}

/** A replication server on a volume set in memory, for the length of a test. */
export async function start(
  t: TestContext,
  set = new MemoryVolumeSet(SERVER_ID, DISKS),
): Promise<Started> {
  const log: string[] = []
  const events: string[] = []
  const admitted = new Set([SERVER_ID])
  const server = await ReplicationServer.start({
    port: 0,
    tls: serverIdentity,
    isAdmitted: (id) => admitted.has(id),
    openSet: async () => set,
    onPoint: (id) => events.push(`point ${id}`),
    connected: (id) => events.push(`connected ${id}`),
    disconnected: (id) => events.push(`disconnected ${id}`),
    log: (message) => log.push(message),
  })
  t.after(() => server[Symbol.asyncDispose]())
  return { server, set, log, events, admitted }
}

/** An agent that was welcomed. */
export async function connected(
  t: TestContext,
  started: Started,
  hello = someHello(SERVER_ID, DISKS),
): Promise<TestAgent> {
  const agent = await TestAgent.connect(started.server.port, agentIdentity)
  t.after(() => agent[Symbol.asyncDispose]())
  assert.equal((await agent.hello(hello))?.type, 'welcome')
  return agent
}

/** Fields of a scatter frame that writes sevens there. */
export function scattered(ranges: readonly { offset: number; length: number }[]) {
  const offset = ranges[0]?.offset ?? 0
  const table = Buffer.alloc(scatterTableBytes(ranges.length))
  writeScatterTable(table, offset, ranges)
  const payload = Buffer.concat([table, ...ranges.map(({ length }) => Buffer.alloc(length, 7))])
  return { offset, length: payload.length, checksum: crc32(payload), payload }
}
