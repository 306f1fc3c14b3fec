import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryGuest, readGuestFacts, type GuestFacts } from '@landfall/guest'
import { watchGuest, type Seen } from './guest-watch.ts'
import type { KnownRamdisk } from './look.ts'

const GIB = 1024 ** 3
const FACTS = await readGuestFacts(new MemoryGuest({ '/etc/fstab': 'UUID=1 / ext4\n' }))

const withSpace = (availableBytes: number): GuestFacts => ({
  ...FACTS,
  space: { root: { totalBytes: 100 * GIB, availableBytes } },
})

/** One interface, with this address. */
const interfacesWith = (address: string): Seen['networkInterfaces'] => [
  {
    name: 'ens3',
    macAddress: '00:11:22:33:44:55',
    ips: [address],
    isPrimary: true,
    settings: { addresses: [`${address}/24`], routes: [], nameServers: [], searchDomains: [] },
  },
]

/** Looks as often as there are answers, and what was told meanwhile. */
async function watched(
  looks: readonly (GuestFacts | Error)[],
  options: { failTells?: number; hoursBetween?: number; addresses?: readonly string[] } = {},
) {
  const left = [...looks]
  const stop = new AbortController()
  const told: GuestFacts[] = []
  const addresses: (string | undefined)[] = []
  const logged: string[] = []
  const knowns: (KnownRamdisk | undefined)[] = []
  let failTells = options.failTells ?? 0
  await watchGuest(
    {
      look: async (known) => {
        knowns.push(known)
        const next = left.shift()
        if (left.length === 0) queueMicrotask(() => setImmediate(() => stop.abort()))
        if (next === undefined || next instanceof Error) throw next ?? new Error('no more')
        const contents = { kind: 'read', modules: [] } as const
        const address = options.addresses?.[knowns.length - 1] ?? '192.0.2.10'
        return {
          facts: next,
          networkInterfaces: interfacesWith(address),
          ramdisk: { path: '/boot/initrd', sizeBytes: knowns.length, changedMs: 1, contents },
        }
      },
      tell: async ({ facts, networkInterfaces }) => {
        if (failTells-- > 0) throw new Error('the service is away')
        told.push(facts)
        addresses.push(networkInterfaces[0]?.settings?.addresses[0])
      },
      log: (message) => void logged.push(message),
      now: () => new Date(Date.UTC(2026, 0, 1, knowns.length * (options.hoursBetween ?? 1))),
      firstLookMs: 0,
      lookMs: 5,
      retryMs: 1,
    },
    stop.signal,
  )
  return { told, addresses, logged, knowns }
}

test('what has changed is told, and the ramdisk that was read is known at the next look', async () => {
  const changed = { ...FACTS, hasSystemd: true }
  const { told, knowns, logged } = await watched([FACTS, FACTS, changed, changed])
  assert.deepEqual(told, [FACTS, changed])
  assert.deepEqual(
    knowns.map((known) => known?.sizeBytes),
    [undefined, 1, 2, 3],
  )
  assert.deepEqual(logged, [])
})

test('an address that changes is told', async () => {
  const { addresses } = await watched([FACTS, FACTS, FACTS], {
    addresses: ['192.0.2.10', '192.0.2.10', '192.0.2.77'],
  })
  assert.deepEqual(addresses, ['192.0.2.10/24', '192.0.2.77/24'])
})

test('free space that changes a little is no news', async () => {
  const looks = [withSpace(10.1 * GIB), withSpace(10.05 * GIB), withSpace(5 * GIB)]
  const { told } = await watched(looks)
  assert.deepEqual(told, [looks[0], looks[2]])
})

test('what has not changed is told once a day', async () => {
  const { told } = await watched([FACTS, FACTS, FACTS, FACTS], { hoursBetween: 12 })
  assert.equal(told.length, 2)
})

test('what the service did not take is told again, and its failure logged once', async () => {
  const { told, logged } = await watched([FACTS, FACTS, FACTS, FACTS], { failTells: 2 })
  assert.deepEqual(told, [FACTS])
  assert.equal(logged.length, 1)
  assert.match(logged[0] ?? '', /the service is away/)
})

test('a look that fails does not end the watch', async () => {
  const { told, logged } = await watched([new Error('no memory'), FACTS])
  assert.deepEqual(told, [FACTS])
  assert.match(logged[0] ?? '', /not told for preflight: no memory/)
})
