import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { collectInterfaces } from '../install/source-properties.ts'
import { lookInChild, type LookerProgram } from './look-in-child.ts'

const LOOKER: LookerProgram = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../main.ts'), 'look'],
  environment: process.env,
}

const { signal } = new AbortController()

test('the program looks at this machine, and reads a ramdisk only once', async () => {
  const first = await lookInChild(LOOKER, undefined, signal)
  assert.equal(first.facts.architecture, 'x86_64')
  assert.ok(first.facts.live?.kernel !== undefined)
  assert.deepEqual(first.networkInterfaces, await collectInterfaces())
  const { ramdisk } = first
  assert.ok(ramdisk, 'install linux-image-cloud-amd64, as the README says')
  assert.ok(ramdisk.contents.kind === 'read')
  const marked = { ...ramdisk, contents: { kind: 'read', modules: ['virtio_marked'] } as const }
  const second = await lookInChild(LOOKER, marked, signal)
  assert.deepEqual(second.ramdisk, marked)
  const older = { ...marked, changedMs: marked.changedMs - 1 }
  assert.deepEqual((await lookInChild(LOOKER, older, signal)).ramdisk, ramdisk)
})

test('a process that fails says why', async () => {
  const program = { ...LOOKER, args: ['-e', 'console.error("no memory"); process.exit(7)'] }
  await assert.rejects(lookInChild(program, undefined, signal), /it ended with 7: no memory/)
})

test('a program that is not there is told, and nothing hangs', async () => {
  const program = { ...LOOKER, command: '/nonexistent/node' }
  await assert.rejects(lookInChild(program, undefined, signal), /ENOENT/)
})

test('the agent that stops ends the look', async () => {
  const stop = new AbortController()
  const program = { ...LOOKER, args: ['-e', 'setInterval(() => {}, 1000)'] }
  const looking = lookInChild(program, undefined, stop.signal)
  setTimeout(() => stop.abort(), 200)
  await assert.rejects(looking, { name: 'AbortError' })
})
