import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { newId } from '@landfall/model'
import { createLaunchPlan } from './launch-plan.ts'
import type { LaunchPlan } from './launch-plan.ts'
import type { InstanceDisk, Provider } from './provider.ts'

export interface ProviderUnderTest {
  readonly provider: Provider
  /** Makes disks an instance can be launched with. */
  readonly makeDisks: (instanceID: string) => Promise<readonly InstanceDisk[]>
}

/** Every provider passes this. `open` makes a fresh one and cleans up after the test. */
export function providerContract(
  name: string,
  open: (t: TestContext) => Promise<ProviderUnderTest>,
): void {
  const behaviour = (
    sentence: string,
    check: (provider: Provider, plan: (start: boolean) => LaunchPlan) => Promise<void>,
  ) => {
    void test(sentence, async (t) => {
      const { provider, makeDisks } = await open(t)
      const instanceID = newId('instance')
      const disks = await makeDisks(instanceID)
      t.after(() => provider.terminate(instanceID))
      await check(provider, (start) =>
        createLaunchPlan({
          instanceID,
          name: 'contract <&"\'> \u0007 Ω',
          instanceType: 't3.micro',
          firmware: 'bios',
          disks,
          tags: { 'a<b>"&\'': ']]> & \n \u0000' },
          start,
          accelerator: 'tcg',
          host: { cpus: 1, ramBytes: 2 ** 30 },
        }),
      )
    })
  }

  suite(`provider: ${name}`, () => {
    behaviour('an instance nobody launched is terminated', async (provider) => {
      assert.equal((await provider.describe(newId('instance'))).state, 'terminated')
    })

    behaviour('launching twice ends with one running instance', async (provider, plan) => {
      await provider.launch(plan(true))
      await provider.launch(plan(true))
      const { instanceID } = plan(true)
      assert.equal((await provider.describe(instanceID)).state, 'running')
      assert.equal((await provider.list()).filter((id) => id === instanceID).length, 1)
    })

    behaviour('launching finishes what an interrupted launch began', async (provider, plan) => {
      await provider.launch(plan(false))
      assert.equal((await provider.describe(plan(false).instanceID)).state, 'stopped')
      await provider.launch(plan(true))
      assert.equal((await provider.describe(plan(true).instanceID)).state, 'running')
    })

    behaviour(
      'a stopped instance starts, and starting again changes nothing',
      async (provider, plan) => {
        const { instanceID } = plan(false)
        await provider.launch(plan(false))
        await provider.start(instanceID)
        await provider.start(instanceID)
        assert.equal((await provider.describe(instanceID)).state, 'running')
      },
    )

    behaviour('a stop by force ends it at once, and it starts again', async (provider, plan) => {
      const { instanceID } = plan(true)
      await provider.launch(plan(true))
      await provider.reboot(instanceID)
      await provider.stop(instanceID, { isForced: true })
      await provider.stop(instanceID, { isForced: false })
      assert.equal((await provider.describe(instanceID)).state, 'stopped')
      await assert.rejects(provider.reboot(instanceID), { code: 'conflict' })
      await provider.start(instanceID)
      assert.equal((await provider.describe(instanceID)).state, 'running')
    })

    behaviour('terminating twice leaves nothing', async (provider, plan) => {
      const { instanceID } = plan(true)
      await provider.launch(plan(true))
      await provider.terminate(instanceID)
      await provider.terminate(instanceID)
      assert.equal((await provider.describe(instanceID)).state, 'terminated')
      assert.ok(!(await provider.list()).includes(instanceID))
    })

    behaviour('what does not exist cannot be started or copied', async (provider) => {
      const options = { signal: AbortSignal.timeout(60_000), onProgress: () => {} }
      const unknown = newId('instance')
      await assert.rejects(provider.start(unknown), { code: 'not_found' })
      await assert.rejects(provider.changes(unknown, options.signal), { code: 'not_found' })
      await assert.rejects(provider.makeIndependent(unknown, options), { code: 'not_found' })
      const image = { ...options, imageID: newId('image') }
      await assert.rejects(provider.createImage(unknown, image), { code: 'not_found' })
    })

    behaviour('the console is readable before and after termination', async (provider, plan) => {
      const { instanceID } = plan(true)
      assert.equal(await provider.consoleOutput(newId('instance')), '')
      await provider.launch(plan(true))
      await provider.consoleOutput(instanceID)
      await provider.terminate(instanceID)
      assert.equal(typeof (await provider.consoleOutput(instanceID)), 'string')
    })

    behaviour('only a running instance has a channel to its agent', async (provider, plan) => {
      const { instanceID } = plan(true)
      const { signal } = new AbortController()
      const refused = { code: 'unavailable' }
      await assert.rejects(provider.agentChannel(instanceID, signal), refused)
      await provider.launch(plan(true))
      const channel = await provider.agentChannel(instanceID, signal)
      channel.destroy()
      // Whoever comes after is let in: QEMU may take a moment to notice.
      const again = await provider.agentChannel(instanceID, signal)
      again.destroy()
      await provider.stop(instanceID, { isForced: true })
      await assert.rejects(provider.agentChannel(instanceID, signal), refused)
    })

    behaviour('only a running instance has a screen, a PNG', async (provider, plan) => {
      const { instanceID } = plan(true)
      await provider.launch(plan(false))
      await assert.rejects(provider.screenshot(instanceID), { code: 'conflict' })
      await provider.start(instanceID)
      const png = await provider.screenshot(instanceID)
      assert.equal(png.toString('latin1', 1, 4), 'PNG')
    })

    behaviour('a running instance has a screen that several look at', async (provider, plan) => {
      const { instanceID } = plan(true)
      const { signal } = new AbortController()
      const refused = { code: 'conflict' }
      await assert.rejects(provider.openScreen(instanceID, signal), refused)
      await provider.launch(plan(true))
      const greetings: string[] = []
      const screens = [
        await provider.openScreen(instanceID, signal),
        await provider.openScreen(instanceID, signal),
      ]
      for (const screen of screens) {
        const [first] = (await once(screen, 'data')) as [Buffer]
        greetings.push(first.toString('latin1'))
      }
      assert.deepEqual(greetings, ['RFB 003.008\n', 'RFB 003.008\n'])
      const [left, last] = screens
      left?.destroy()
      const ended = once(last ?? assert.fail(), 'end')
      await provider.stop(instanceID, { isForced: true })
      await ended
      await assert.rejects(provider.openScreen(instanceID, signal), refused)
    })

    for (const start of [true, false]) {
      const state = start ? 'running' : 'stopped'
      behaviour(`a ${state} instance is made independent, once`, async (provider, plan) => {
        const { instanceID, disks } = plan(start)
        await provider.launch(plan(start))
        const percents: number[] = []
        const options = {
          signal: AbortSignal.timeout(120_000),
          onProgress: ({ percent }: { percent: number }) => void percents.push(percent),
        }
        const independent = await provider.makeIndependent(instanceID, options)
        assert.deepEqual(
          independent.map((disk) => disk.deviceName),
          disks.map((disk) => disk.deviceName),
        )
        for (const [index, disk] of disks.entries()) {
          assert.notEqual(independent[index]?.path, disk.path)
        }
        assert.equal(percents.at(-1), 100)
        assert.deepEqual(await provider.makeIndependent(instanceID, options), independent)
        assert.equal((await provider.describe(instanceID)).state, state)
      })

      behaviour(`an image of a ${state} instance has all its disks`, async (provider, plan) => {
        const { instanceID, disks } = plan(start)
        await provider.launch(plan(start))
        const options = { imageID: newId('image'), signal: AbortSignal.timeout(120_000) }
        const made = await provider.createImage(instanceID, options)
        assert.deepEqual(
          made.map((disk) => disk.deviceName),
          disks.map((disk) => disk.deviceName),
        )
        for (const [index, { path, sizeBytes }] of made.entries()) {
          assert.notEqual(path, disks[index]?.path)
          assert.ok(sizeBytes > 0)
        }
        // As after a crash of the caller.
        assert.deepEqual(await provider.createImage(instanceID, options), made)
        assert.equal((await provider.describe(instanceID)).state, state)
        await provider.removeImage(options.imageID)
        await provider.removeImage(options.imageID)
      })

      behaviour(`a ${state} instance goes on without an image`, async (provider, plan) => {
        const { instanceID } = plan(start)
        await provider.launch(plan(start))
        const options = { imageID: newId('image'), signal: AbortSignal.abort() }
        await assert.rejects(provider.createImage(instanceID, options), { name: 'AbortError' })
        assert.equal((await provider.describe(instanceID)).state, state)
      })
    }
  })
}
