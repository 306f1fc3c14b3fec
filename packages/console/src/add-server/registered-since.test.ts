import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registeredSince } from './registered-since.ts'

function server(id: string, at: string, userProvidedID?: string) {
  return {
    sourceServerID: id,
    lifeCycle: { addedToServiceDateTime: `2026-11-30T${at}:00.000Z` },
    ...(userProvidedID !== undefined && { userProvidedID }),
  } as unknown as Parameters<typeof registeredSince>[1][number]
}

const NOBODY = { userProvidedID: '', found: [] }
const idsOf = (servers: ReturnType<typeof registeredSince>) =>
  servers.map(({ sourceServerID }) => sourceServerID)

test('servers are new that were added after the newest one before', () => {
  const servers = [server('s-2', '10:01'), server('s-1', '10:00')]
  const before = '2026-11-30T10:00:00.000Z'
  assert.deepEqual(idsOf(registeredSince(before, servers, NOBODY)), ['s-2'])
  assert.deepEqual(idsOf(registeredSince('', servers, NOBODY)), ['s-2', 's-1'])
  assert.deepEqual(registeredSince(undefined, servers, NOBODY), [])
})

test('an imported server is new once it has its agent, and is there once', () => {
  const imported = server('s-3', '08:00', 'web01')
  const other = server('s-4', '08:00', 'web011')
  const awaited = { userProvidedID: 'web01', found: [imported, other] }
  assert.deepEqual(idsOf(registeredSince('2026-11-30T10', [], awaited)), ['s-3'])
  assert.deepEqual(idsOf(registeredSince('', [imported], awaited)), ['s-3'])
})
