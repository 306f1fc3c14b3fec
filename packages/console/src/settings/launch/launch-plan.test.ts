import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskLimitWords, interfaceWords } from './launch-plan.ts'

test('limits of a disk are told in words, and also that there is none', () => {
  const disk = { deviceName: '/dev/sda', bytes: 1 }
  assert.equal(diskLimitWords(disk), 'no limit')
  assert.equal(
    diskLimitWords({ ...disk, iopsMax: 500, bytesPerSecondMax: 200 * 1024 ** 2 }),
    'at most 500 operations a second, at most 200 MiB a second',
  )
  assert.equal(diskLimitWords({ ...disk, hasOwnThread: true }), 'a thread of its own')
})

test('an interface that keeps its addresses says which', () => {
  const settings = { addresses: ['192.0.2.1/24'], routes: [], nameServers: [], searchDomains: [] }
  const source = { name: 'ens3', sourceMacAddress: '52:54:00:00:00:01', sourceAddresses: [] }
  const planned = { ...source, target: 'STATIC', settings } as const
  assert.equal(interfaceWords(planned), 'ens3: keeps 192.0.2.1/24')
})
