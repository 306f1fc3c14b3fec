import assert from 'node:assert/strict'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ConversionOptions, ConversionResult } from '@landfall/conversion'
import { newId, type StagingCommand } from '@landfall/model'
import { areaWithPoint } from './area-with-point.fixture.ts'
import { Conversions } from './conversions.ts'

/** Conversions of a real point, by a converter that does what the test says. */
async function open(
  t: TestContext,
  convert: (options: ConversionOptions) => Promise<ConversionResult>,
) {
  const { area, folder, sourceServerID, pointID, pins } = await areaWithPoint(t)
  const stopping = new AbortController()
  const conversions = new Conversions({
    area,
    conversionsDir: join(folder, 'staging', 'conversions'),
    applianceDir: join(folder, 'staging', 'appliance'),
    learnedDir: join(folder, 'staging', 'learned'),
    convert,
    log: () => undefined,
    signal: stopping.signal,
  })
  const command = (instanceID = newId('instance')) =>
    ({
      commandID: newId('command'),
      type: 'CONVERT',
      sourceServerID,
      pointID,
      instanceID,
      plan: {
        identity: { instanceID, token: 't', endpoint: 'https://localhost', caCertificatePem: '' },
        targetMac: '52:54:00:00:00:01',
      },
    }) satisfies StagingCommand
  return { conversions, command, pins, stopping, folder }
}

function resultOf({ disks, workDir }: ConversionOptions): ConversionResult {
  return {
    disks: disks.map(({ deviceName }) => ({ deviceName, path: join(workDir, 'disk.qcow2') })),
    warnings: [],
    logPath: join(workDir, 'log'),
  }
}

async function untilAborted({ signal }: ConversionOptions): Promise<never> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason as Error))
  return await promise
}

test('the point stays pinned from the conversion until it is discarded', async (t) => {
  let calls = 0
  const { conversions, command, pins, folder } = await open(t, async (options) => {
    calls++
    await mkdir(options.workDir, { recursive: true })
    await stat(options.disks[0]?.layerPath ?? '')
    return resultOf(options)
  })
  const convert = command()
  const [disks, same] = await Promise.all([
    conversions.convert(convert),
    conversions.convert(convert),
  ])
  assert.equal(calls, 1)
  assert.deepEqual(disks, same)
  assert.deepEqual(pins(), [convert.instanceID])
  await conversions.discard(convert.instanceID)
  await conversions.discard(convert.instanceID)
  assert.deepEqual(pins(), [])
  const workDir = join(folder, 'staging', 'conversions', convert.instanceID)
  await assert.rejects(stat(workDir), { code: 'ENOENT' })
})

test('a failed conversion lets the point go', async (t) => {
  const { conversions, command, pins } = await open(t, async () => {
    throw new Error('no kernel found')
  })
  await assert.rejects(conversions.convert(command()), /no kernel found/)
  assert.deepEqual(pins(), [])
})

test('discarding aborts a conversion that runs', async (t) => {
  const { conversions, command, pins } = await open(t, untilAborted)
  const convert = command()
  const running = assert.rejects(conversions.convert(convert), { code: 'conflict' })
  while (pins().length === 0) await new Promise((resolve) => setImmediate(resolve))
  await conversions.discard(convert.instanceID)
  await running
  assert.deepEqual(pins(), [])
})

test('a shutdown aborts the conversion and keeps the point for the next process', async (t) => {
  const { conversions, command, pins, stopping } = await open(t, untilAborted)
  const convert = command()
  const running = assert.rejects(conversions.convert(convert), /shutting down/)
  while (pins().length === 0) await new Promise((resolve) => setImmediate(resolve))
  stopping.abort(new Error('shutting down'))
  await running
  assert.deepEqual(pins(), [convert.instanceID])
})

test('not more than two run at once', async (t) => {
  let running = 0
  let most = 0
  const { conversions, command } = await open(t, async (options) => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 20))
    running--
    return resultOf(options)
  })
  await Promise.all(Array.from({ length: 6 }, () => conversions.convert(command())))
  assert.equal(most, 2)
})

test('an instance ID that is a path is refused', async (t) => {
  const { conversions } = await open(t, untilAborted)
  await assert.rejects(conversions.discard('../..'), { code: 'validation' })
})
