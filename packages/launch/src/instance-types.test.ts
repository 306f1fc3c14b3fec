import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INSTANCE_TYPES, instanceTypeNamed, recommendInstanceType } from './instance-types.ts'

const GIB = 2 ** 30

test('right sizing takes the smallest type that has what the source has', () => {
  const cases = [
    [1, 1, 'c5.large'],
    [2, 4, 'c5.large'],
    [2, 4.5, 'm5.large'],
    [2, 16, 'r5.large'],
    [1, 64, 'r5.2xlarge'],
    [3, 2, 'c5.xlarge'],
    [16, 100, 'r5.4xlarge'],
    [36, 72, 'c5.9xlarge'],
  ] as const
  for (const [cpus, gib, expected] of cases) {
    const type = recommendInstanceType({ cpus, ramBytes: gib * GIB })
    assert.equal(type.name, expected, `${cpus} CPUs, ${gib} GiB`)
  }
})

test('right sizing never takes the T family, and the largest type when nothing is enough', () => {
  for (let cpus = 1; cpus <= 96; cpus++) {
    assert.doesNotMatch(recommendInstanceType({ cpus, ramBytes: GIB }).name, /^t/)
  }
  assert.equal(recommendInstanceType({ cpus: 500, ramBytes: GIB }).name, 'r5.24xlarge')
})

test('every type has one name', () => {
  assert.equal(new Set(INSTANCE_TYPES.map((type) => type.name)).size, INSTANCE_TYPES.length)
  assert.equal(instanceTypeNamed('m5.large')?.memoryMiB, 8 * 1024)
  assert.equal(instanceTypeNamed('no.such'), undefined)
})
