import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StagingCommand } from '@landfall/model'
import { createTestService } from '../test-service.ts'

const PASSPHRASE = 'correct horse'

test('a passphrase goes with the conversion, and is readable nowhere', async (t) => {
  const service = await createTestService(t)
  const { db } = service.dependencies
  const sourceServerID = await service.readyServer()
  const put = (name: string, passphrase: string) =>
    service.call<{ keys: { name: string }[] }>('PutDiskKey', { sourceServerID, name, passphrase })
  await put('root', 'wrong at first')
  const { keys } = await put('root', PASSPHRASE)
  assert.deepEqual(
    keys.map(({ name }) => name),
    ['root'],
  )

  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  let conversion: StagingCommand | undefined
  await service.runJobs({
    fail(command) {
      if (command.type === 'CONVERT') conversion = command
      return undefined
    },
  })
  assert.ok(conversion?.type === 'CONVERT')
  assert.deepEqual(conversion.plan.passphrases, [PASSPHRASE])
  const kept = await db.selectFrom('disk_keys').select('sealed_passphrase').execute()
  const commands = await db.selectFrom('staging_commands').select('command').execute()
  const bytes = Buffer.concat(kept.map((row) => row.sealed_passphrase))
  assert.ok(!bytes.includes(PASSPHRASE))
  assert.ok(!JSON.stringify(commands).includes(PASSPHRASE))
})

test('keys are listed by name, deleted once, and what is no passphrase is refused', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const put = (passphrase: string) =>
    service.call('PutDiskKey', { sourceServerID, name: 'root', passphrase })
  await assert.rejects(put('two\nlines'), { code: 'validation' })
  await assert.rejects(put(''), { code: 'validation' })
  await put('one')
  const removal = { sourceServerID, name: 'root' }
  assert.deepEqual(await service.call('DeleteDiskKey', removal), { sourceServerID, keys: [] })
  await assert.rejects(service.call('DeleteDiskKey', removal), { code: 'not_found' })
})
