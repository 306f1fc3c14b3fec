import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { findFirmware, prepareVariables } from './firmware.ts'

async function hostWith(t: TestContext, ...files: string[]): Promise<string> {
  const root = await mkdtemp('/tmp/landfall-firmware-')
  t.after(() => rm(root, { recursive: true }))
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), '')
  }
  return root
}

test('firmware is found where distributions put it, Secure Boot only with enrolled keys', async (t) => {
  const debian = await hostWith(
    t,
    '/usr/share/OVMF/OVMF_CODE_4M.fd',
    '/usr/share/OVMF/OVMF_VARS_4M.fd',
    '/usr/share/OVMF/OVMF_CODE_4M.ms.fd',
    '/usr/share/OVMF/OVMF_VARS_4M.ms.fd',
  )
  const plain = await findFirmware(false, debian)
  assert.deepEqual([plain.variables, plain.needsSmm], ['/usr/share/OVMF/OVMF_VARS_4M.fd', false])
  const secure = await findFirmware(true, debian)
  assert.deepEqual(
    [secure.variables, secure.needsSmm],
    ['/usr/share/OVMF/OVMF_VARS_4M.ms.fd', true],
  )

  const redHat = await hostWith(
    t,
    '/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd',
    '/usr/share/edk2/ovmf/OVMF_VARS.fd',
  )
  assert.equal((await findFirmware(false, redHat)).needsSmm, true)
  await assert.rejects(findFirmware(true, redHat), /Secure Boot.* Install the package ovmf/)
  await assert.rejects(findFirmware(false, await hostWith(t)), { code: 'unavailable' })
})

test('the variables of an instance are made once, and what is in them stays', async (t) => {
  const folder = await hostWith(t, 'template.fd')
  const firmware = { code: '', variables: join(folder, 'template.fd'), needsSmm: false }
  await writeFile(firmware.variables, 'fresh')
  const path = join(folder, 'variables.fd')
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  await prepareVariables(path, firmware, owner)
  assert.equal(await readFile(path, 'utf8'), 'fresh')
  await writeFile(path, 'boot entries')
  await prepareVariables(path, firmware, owner)
  assert.equal(await readFile(path, 'utf8'), 'boot entries')
})
