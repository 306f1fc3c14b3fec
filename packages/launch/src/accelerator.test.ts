import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { bootsKernel, detectAccelerator, readableKernel } from './accelerator.ts'

test('a kernel that boots is recognised', async (t) => {
  const kernel = await readableKernel()
  if (kernel === undefined) return t.skip('no readable kernel in /boot')
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 120_000 }), true)
})

test('a kernel that does not come through in time counts as not booting', async (t) => {
  const kernel = await readableKernel()
  if (kernel === undefined) return t.skip('no readable kernel in /boot')
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 50 }), false)
})

test('what is not a kernel does not boot', async () => {
  const kernel = import.meta.filename
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 20_000 }), false)
})

test('without virtualisation in the processor the answer is software emulation', async (t) => {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8')
  if (/\b(vmx|svm)\b/.test(cpuinfo)) return t.skip('this processor offers virtualisation')
  const choice = await detectAccelerator()
  assert.equal(choice.accelerator, 'tcg')
  assert.match(choice.reason, /neither vmx nor svm/)
})

test('the operator decides when they say so, and only by a known name', async () => {
  assert.equal((await detectAccelerator({ override: 'kvm' })).accelerator, 'kvm')
  assert.equal((await detectAccelerator({ override: 'tcg' })).accelerator, 'tcg')
  await assert.rejects(detectAccelerator({ override: 'xen' }), { code: 'validation' })
})
