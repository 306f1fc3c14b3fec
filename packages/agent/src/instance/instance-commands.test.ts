import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InstanceCommand } from '@landfall/model'
import { FakeRefusal } from '../service-client/fake-service.ts'
import { CommandRecords } from './command-records.ts'
import { prepareInstance, startCommands, until } from './instance.fixture.ts'

function commandOf(script: string): InstanceCommand {
  return {
    commandID: randomUUID(),
    steps: [{ name: 'only', script, timeoutSeconds: 60 }],
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

test('a command is run once, however often it is told, and its end is told until taken', async (t) => {
  const instance = await prepareInstance(t)
  const { service, files } = instance
  const counted = join(files.installDir, 'counted')
  const command = commandOf(`echo run >>${counted}; echo hello`)
  service.instanceCommands.push(command)
  const action = 'SendInstanceCommandResultForMgn'
  service.refusals.set(action, new FakeRefusal(500, 'InternalServerException', 'not now'))
  const said: string[] = []
  const { stop } = startCommands(t, instance, (message) => said.push(message))
  await until(() => said.filter((one) => one.includes('not told yet')).length > 2)
  await stop()

  // Another agent, after a restart, knows what the first one ran.
  service.refusals.clear()
  startCommands(t, instance)
  await until(() => service.instanceResults.length > 0)
  const [result] = service.instanceResults
  assert.partialDeepStrictEqual(result, {
    commandID: command.commandID,
    status: 'Success',
    steps: [{ name: 'only', exitStatus: 0, stdout: 'hello\n', stderr: '' }],
  })
  // A service that has forgotten the end, because its database is of yesterday.
  const records = () => CommandRecords.open(files.commands)
  await until(async () => (await records()).untaken().length === 0)
  service.instanceResults.pop()
  await until(() => service.instanceResults.length > 0)
  assert.match(service.instanceResults[0]?.trace ?? '', /was run on this instance before/)
  assert.equal(await readFile(counted, 'utf8'), 'run\n')
  assert.ok(!(await exists(join(files.commands, command.commandID))), 'its folder is gone')
})

test('a command whose agent was killed is told as interrupted, and ended', async (t) => {
  const instance = await prepareInstance(t)
  const { service, files } = instance
  const command = commandOf('sleep 600')
  service.instanceCommands.push(command)
  // What an agent that was killed leaves: the record, the folder, and the script that runs.
  const records = await CommandRecords.open(files.commands)
  await records.begin(command.commandID)
  const folder = join(records.folderOf(command.commandID), '0')
  await mkdir(folder, { recursive: true })
  const script = join(folder, '_script.sh')
  await writeFile(script, 'sleep 600\n')
  const left = spawn('/bin/sh', [script], { detached: true, stdio: 'ignore' })
  const ended = new Promise((resolve) => left.once('exit', resolve))

  startCommands(t, instance)
  await until(() => service.instanceResults.length > 0)
  await ended
  const [result] = service.instanceResults
  assert.equal(result?.status, 'Failed')
  assert.match(result?.trace ?? '', /interrupted.*not run again/s)
  await until(async () => {
    const names = await readdir(files.commands)
    return names.join() === `${command.commandID}.json`
  })
})

test('a command is cancelled while it runs, and before it is begun', async (t) => {
  const instance = await prepareInstance(t)
  const { service, files } = instance
  const marker = join(files.installDir, 'begun')
  const running = commandOf(`touch ${marker}; sleep 600`)
  const unknown = commandOf('true')
  service.instanceCommands.push(running)
  startCommands(t, instance)
  await until(() => exists(marker))
  service.instanceCancelled.push(running.commandID, unknown.commandID)
  await until(() => service.instanceResults.length === 2)
  for (const { commandID } of [running, unknown]) {
    const result = service.instanceResults.find((one) => one.commandID === commandID)
    assert.equal(result?.status, 'Cancelled')
  }
})

test('what ended is told as it ended, whatever an answer under way says', async (t) => {
  const instance = await prepareInstance(t)
  const { service } = instance
  const action = 'SendInstanceCommandResultForMgn'
  service.refusals.set(action, new FakeRefusal(500, 'InternalServerException', 'not now'))
  const [again, cancelled] = [commandOf('echo a'), commandOf('echo b')]
  service.instanceCommands.push(again, cancelled)
  const said: string[] = []
  startCommands(t, instance, (message) => said.push(message))
  await until(() => said.filter((one) => one.includes('ends: Success')).length === 2)
  service.isInstanceAnswerStale = true
  service.instanceCancelled.push(cancelled.commandID)
  await until(() => said.some((one) => one.includes('is cancelled')))
  service.refusals.clear()
  await until(() => service.instanceResults.length === 2)
  const outputs = service.instanceResults.flatMap(({ steps }) => steps.map((step) => step.stdout))
  assert.deepEqual(outputs.toSorted(), ['a\n', 'b\n'])
})

test('an agent that is stopped ends what it runs, and the next one says so', async (t) => {
  const instance = await prepareInstance(t)
  const { service, files } = instance
  const marker = join(files.installDir, 'pid')
  service.instanceCommands.push(commandOf(`echo $$ >${marker}; sleep 600`))
  const { stop } = startCommands(t, instance)
  await until(async () => (await readFile(marker, 'utf8').catch(() => '')).endsWith('\n'))
  await stop()
  const pid = Number(await readFile(marker, 'utf8'))
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  assert.equal(service.instanceResults.length, 0)
  startCommands(t, instance)
  await until(() => service.instanceResults.length > 0)
  assert.match(service.instanceResults[0]?.trace ?? '', /interrupted/)
})

test('what cannot be written down is not run, and told as failed', async (t) => {
  const instance = await prepareInstance(t)
  const { service, files } = instance
  const marker = join(files.installDir, 'begun')
  startCommands(t, instance)
  await until(() => service.instancePolls.length > 0)
  await rm(files.commands, { recursive: true })
  await writeFile(files.commands, 'no folder')
  const strange = { ...commandOf(`touch ${marker}`), commandID: '../../../etc/passwd' }
  service.instanceCommands.push(commandOf(`touch ${marker}`), strange)
  await until(() => service.instanceResults.length === 2)
  for (const result of service.instanceResults) {
    assert.equal(result.status, 'Failed')
    assert.match(result.trace ?? '', /cannot be run below/)
  }
  assert.ok(!(await exists(marker)))
})

test('a service that is away is asked again; one that refuses, and its results, are given up', async (t) => {
  const instance = await prepareInstance(t)
  const { service } = instance
  const said: string[] = []
  const { ended } = startCommands(t, instance, (message) => said.push(message))
  await until(() => service.instancePolls.length > 0)
  await service.close()
  await until(() => said.some((one) => one.includes('asking again')))
  await service.listen()
  await until(() => said.some((one) => one.includes('answers again')))

  const tell = 'SendInstanceCommandResultForMgn'
  service.refusals.set(tell, new FakeRefusal(400, 'ValidationException', 'too long'))
  service.instanceCommands.push(commandOf('true'))
  await until(() => said.some((one) => one.includes('giving it up')))

  const poll = 'GetInstanceCommandForMgn'
  service.refusals.set(poll, new FakeRefusal(429, 'ThrottlingException', 'slow down'))
  await until(() => said.some((one) => one.includes('slow down')))
  service.refusals.set(poll, new FakeRefusal(403, 'AccessDeniedException', 'terminated'))
  await ended
})
