import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { bootsKernel, detectAccelerator, readableKernel } from './accelerator.ts'

test('a kernel that boots is recognised', async () => {
  const kernel = await readableKernel()
  assert.ok(kernel, 'no readable kernel in /boot')
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 120_000 }), true)
})

test('a kernel that does not come through in time counts as not booting', async () => {
  const kernel = await readableKernel()
  assert.ok(kernel, 'no readable kernel in /boot')
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 50 }), false)
})

test('what is not a kernel does not boot', async () => {
  const kernel = import.meta.filename
  assert.equal(await bootsKernel({ kernel, accelerator: 'tcg', timeoutMs: 20_000 }), false)
})

test('what the processor offers decides whether KVM is tried at all', async () => {
  const offered = /\b(vmx|svm)\b/.test(await readFile('/proc/cpuinfo', 'utf8'))
  const { accelerator, reason } = await detectAccelerator()
  if (offered) assert.match(reason, /a kernel (boots|does not boot) under KVM here/)
  else assert.deepEqual([accelerator, /neither vmx nor svm/.test(reason)], ['tcg', true])
})

test('the operator decides when they say so, and only by a known name', async () => {
  assert.equal((await detectAccelerator({ override: 'kvm' })).accelerator, 'kvm')
  assert.equal((await detectAccelerator({ override: 'tcg' })).accelerator, 'tcg')
  await assert.rejects(detectAccelerator({ override: 'xen' }), { code: 'validation' })
})
