import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DATA_REPLICATION_ERRORS,
  DATA_REPLICATION_STATES,
  type DataReplicationError,
  LIFECYCLE_STATES,
} from '@landfall/model'
import { Clock } from './clock.ts'
import { createDevelopmentService } from './development-service.ts'
import { multiplyServers } from './many-servers.ts'
import { Operator } from './operator.ts'
import { PlayedSite } from './played-site.ts'
import { Story } from './story.ts'

interface Server {
  readonly sourceServerID: string
  readonly lifeCycle: { readonly state: string }
  readonly dataReplicationInfo: {
    readonly dataReplicationState: string
    readonly dataReplicationError?: DataReplicationError
  }
}

type Found = { readonly items: readonly Server[]; readonly total: number }

test('the story has every state and every error, told on PGlite without a complaint', async () => {
  const complaints: string[] = []
  const clock = new Clock()
  await using service = await createDevelopmentService({
    now: clock.now,
    log: (told) => complaints.push(told),
  })
  await using site = new PlayedSite(service, clock)
  await Story.tell(service, site, clock)
  const operator = new Operator(service.server, service.administrator, '127.0.0.1')
  const search = (input: object) => operator.call<Found>('landfall:SearchSourceServers', input)

  const views = ['ACTIVE', 'IMPORTED', 'ARCHIVED'].map((view) => search({ view }))
  const servers = (await Promise.all(views)).flatMap(({ items }) => items)
  const missing = (all: readonly string[], of: (server: Server) => string | undefined) =>
    all.filter((one) => !servers.some((server) => of(server) === one))
  // MGN discovers servers by its vCenter client, which Landfall does not have.
  assert.deepEqual(
    missing(LIFECYCLE_STATES, ({ lifeCycle }) => lifeCycle.state),
    ['DISCOVERED'],
  )
  const infoOf = ({ dataReplicationInfo }: Server) => dataReplicationInfo
  // For moments, of whichever server has just registered.
  assert.deepEqual(
    missing(DATA_REPLICATION_STATES, (server) => infoOf(server).dataReplicationState),
    ['INITIATING'],
  )
  assert.deepEqual(
    missing(DATA_REPLICATION_ERRORS, (server) => infoOf(server).dataReplicationError?.error),
    [],
  )
  assert.deepEqual(complaints, [])

  await multiplyServers(service, 500)
  const copies = await search({ text: 'node-00500' })
  assert.equal(copies.total, 1)
  const sourceServerID = copies.items[0]?.sourceServerID
  await operator.call('mgn:GetLaunchConfiguration', { sourceServerID })
})
