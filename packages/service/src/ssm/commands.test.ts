import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  INVOCATION_EVENTS,
  INVOCATION_STATUSES,
  findInvocationTransition,
  type InstanceCommand,
} from '@landfall/model'
import { createTestService, type TestService } from '../test-service.ts'
import { CommandWatch } from './command-watch.ts'
import { moveInvocations } from './invocations.ts'
import { LaunchedInstance } from './launched-instance.fixture.ts'

interface Command {
  readonly CommandId: string
  readonly Status: string
  readonly StatusDetails: string
  readonly TargetCount: number
}

const SHELL = 'AWS-RunShellScript'

async function start(t: TestContext, options: { instances: number } = { instances: 1 }) {
  const service = await createTestService(t)
  const instances: LaunchedInstance[] = []
  while (instances.length < options.instances) {
    const instance = await LaunchedInstance.launch(service)
    await instance.poll()
    instances.push(instance)
  }
  const ids = instances.map((instance) => instance.instanceID)
  const send = async (input: object = {}) => {
    const all = {
      DocumentName: SHELL,
      InstanceIds: ids,
      Parameters: { commands: ['uname -r'] },
      ...input,
    }
    return (await service.call<{ Command: Command }>('SendCommand', all)).Command
  }
  return { service, instances, instance: instances[0]!, send }
}

function stateOf(service: TestService, command: Command, instance: LaunchedInstance) {
  return service.call<Record<string, unknown>>('GetCommandInvocation', {
    CommandId: command.CommandId,
    InstanceId: instance.instanceID,
  })
}

async function commandState(service: TestService, { CommandId }: Command): Promise<Command> {
  const { Commands } = await service.call<{ Commands: Command[] }>('ListCommands', { CommandId })
  return Commands[0]!
}

async function delivered(instance: LaunchedInstance): Promise<InstanceCommand> {
  const { commands } = await instance.poll()
  assert.equal(commands.length, 1)
  return commands[0]!
}

test('a command is told until the agent has it, run once, and its output is kept', async (t) => {
  const { service, instance, send } = await start(t)
  const sent = await send({ Comment: 'Which kernel?' })
  assert.partialDeepStrictEqual(sent, {
    DocumentName: SHELL,
    DocumentVersion: '1',
    Comment: 'Which kernel?',
    Status: 'Pending',
    TargetCount: 1,
    CompletedCount: 0,
    Parameters: { commands: ['uname -r'] },
  })
  assert.partialDeepStrictEqual(await stateOf(service, sent, instance), {
    Status: 'Pending',
    ResponseCode: -1,
  })

  const command = await delivered(instance)
  assert.deepEqual(command, {
    commandID: sent.CommandId,
    steps: [{ name: 'runShellScript', script: 'uname -r', timeoutSeconds: 3600 }],
  })
  assert.deepEqual(await delivered(instance), command, 'an answer that was lost is repeated')
  assert.deepEqual(await instance.poll({ running: [command.commandID] }), {
    commands: [],
    cancelled: [],
  })
  assert.equal((await commandState(service, sent)).Status, 'InProgress')

  await instance.end(command, 'Success', '6.1.0-28-amd64\n')
  await instance.end(command, 'Failed') // Told again, and too late.
  assert.deepEqual(await instance.poll(), { commands: [], cancelled: [] })
  assert.partialDeepStrictEqual(await stateOf(service, sent, instance), {
    Status: 'Success',
    StatusDetails: 'Success',
    PluginName: 'runShellScript',
    ResponseCode: 0,
    ExecutionStartDateTime: '2026-01-10T08:59:58.500Z',
    ExecutionElapsedTime: 'PT1.5S',
    StandardOutputContent: '6.1.0-28-amd64\n',
    StandardErrorContent: '',
  })
  const { CommandInvocations: listed } = await service.call<{ CommandInvocations: object[] }>(
    'ListCommandInvocations',
    { CommandId: sent.CommandId, Details: true },
  )
  assert.partialDeepStrictEqual(listed, [
    { CommandPlugins: [{ Status: 'Success', Output: '6.1.0-28-amd64\n' }] },
  ])
})

test('a waiting poll is answered as soon as there is something to do, or to stop', async (t) => {
  const { service, instance, send } = await start(t)
  const waiting = instance.poll({ waitSeconds: 20 })
  const sent = await send()
  const { commands } = await waiting
  assert.equal(commands[0]?.commandID, sent.CommandId)
  const running = [sent.CommandId]
  const stopping = instance.poll({ waitSeconds: 20, running })
  await service.call('CancelCommand', { CommandId: sent.CommandId })
  assert.deepEqual((await stopping).cancelled, running)
  assert.deepEqual((await instance.poll({ running, cancelling: running })).cancelled, [])
  assert.equal((await stateOf(service, sent, instance))['Status'], 'Cancelling')
  await instance.end(commands[0]!, 'Cancelled')
  assert.equal((await stateOf(service, sent, instance))['Status'], 'Cancelled')
  await service.call('CancelCommand', { CommandId: sent.CommandId }) // Changes nothing.

  const early = await send()
  await service.call('CancelCommand', { CommandId: early.CommandId })
  assert.equal((await commandState(service, early)).Status, 'Cancelled')
  assert.deepEqual((await instance.poll()).commands, [])
})

test('an event moves an invocation where the table says so, and nowhere else', async (t) => {
  const { service, instance, send } = await start(t)
  const { db } = service.dependencies
  const { CommandId: commandID } = await send()
  const one = () => db.selectFrom('ssm_invocations').selectAll().executeTakeFirstOrThrow()
  for (const status of INVOCATION_STATUSES) {
    for (const event of INVOCATION_EVENTS) {
      const before = { status, status_details: 'before', started_at: null, ended_at: null }
      await db.updateTable('ssm_invocations').set(before).execute()
      const moved = await db
        .transaction()
        .execute((trx) => moveInvocations(trx, event, { commandID, now: service.clock }))
      const expected = findInvocationTransition(event, status)
      assert.deepEqual(moved, expected === undefined ? [] : [instance.instanceID], event)
      const after = await one()
      assert.equal(after.status, expected?.to ?? status, `${event} in ${status}`)
      assert.equal(after.status_details, expected?.details ?? 'before')
    }
  }
})

test('what cannot have happened is refused, and a stranger is told nothing', async (t) => {
  const { instances, send } = await start(t, { instances: 2 })
  const [one, other] = instances as [LaunchedInstance, LaunchedInstance]
  const sent = await send({ InstanceIds: [one.instanceID] })
  const early = { commandID: sent.CommandId, steps: [] }
  await assert.rejects(one.tell({ ...early, status: 'Success' }), { code: 'conflict' })
  const command = await delivered(one)
  await assert.rejects(one.end(command, 'Cancelled'), { code: 'conflict' })
  for (const token of ['', 'x', other.token, `${one.token}x`]) {
    await assert.rejects(one.poll({ token }), { code: 'access_denied' })
    await assert.rejects(one.tell({ ...early, status: 'Success' }, token), {
      code: 'access_denied',
    })
  }
  assert.deepEqual((await other.poll()).commands, [])
  await other.end(command) // Not its own: nothing comes of it.
  await one.tell({ ...early, commandID: 'gone', status: 'Success' })
  const long = { ...early, status: 'Failed' as const, trace: 'x'.repeat(3000) }
  await assert.rejects(one.tell(long), { code: 'validation' })
  await assert.rejects(one.tell({ ...long, trace: 'a\0b' }), { code: 'validation' })
  await one.end(command)
})

test('nobody waits for ever: time-outs, silent agents, instances that are gone', async (t) => {
  const { service, instance, send } = await start(t)
  const watch = new CommandWatch({ ...service.dependencies, now: () => service.clock })
  const stateAfter = async (command: Command) => {
    await watch.look()
    const { StatusDetails, StandardErrorContent } = await stateOf(service, command, instance)
    return [StatusDetails, StandardErrorContent]
  }
  const late = await send({ TimeoutSeconds: 30 })
  assert.deepEqual(await stateAfter(late), ['Pending', ''])
  service.later(30_000)
  const notAsked = 'The agent of the instance did not ask for commands in time.'
  assert.deepEqual(await stateAfter(late), ['DeliveryTimedOut', notAsked])
  assert.equal((await commandState(service, late)).StatusDetails, 'DeliveryTimedOut')

  const Parameters = { commands: ['sleep 1'], executionTimeout: ['10'] }
  const silent = await send({ TimeoutSeconds: 30, Parameters })
  const command = await delivered(instance)
  assert.equal(command.steps[0]?.timeoutSeconds, 10)
  service.later(40_000)
  assert.deepEqual(await stateAfter(silent), ['InProgress', ''], 'it may still tell')
  service.later(service.dependencies.timing.commandGraceMs)
  const notTold = 'The agent of the instance did not tell in time how the command ended.'
  assert.deepEqual(await stateAfter(silent), ['ExecutionTimedOut', notTold])
  await instance.end(command)
  assert.equal((await commandState(service, silent)).Status, 'TimedOut')

  await instance.poll()
  const orphan = await send()
  await delivered(instance)
  await service.call('TerminateInstances', { InstanceIds: [instance.instanceID] })
  assert.deepEqual(await stateAfter(orphan), ['Undeliverable', 'The instance was terminated.'])
  await assert.rejects(instance.poll(), { code: 'access_denied', message: /terminated/ })
  await assert.rejects(instance.end(command), { code: 'access_denied' })
  await assert.rejects(send(), { ssmCode: 'InvalidInstanceId' })

  service.later(service.dependencies.timing.commandKeptMs + 1)
  await watch.look()
  assert.deepEqual(await service.call('ListCommands'), { Commands: [] })
})

test('an instance that was launched stopped takes commands once it was started', async (t) => {
  const service = await createTestService(t)
  const instance = await LaunchedInstance.launch(service, 'STOPPED')
  const InstanceIds = [instance.instanceID]
  const send = () =>
    service.call<{ Command: Command }>('SendCommand', {
      DocumentName: SHELL,
      InstanceIds,
      Parameters: { commands: ['true'] },
    })
  await assert.rejects(send(), { ssmCode: 'InvalidInstanceId' })
  await service.call('StartInstances', { InstanceIds })
  await assert.rejects(send(), { ssmCode: 'InvalidInstanceId' }, 'its agent has not asked yet')
  await instance.poll()
  const { Command: sent } = await send()
  const command = await delivered(instance)
  // It is stopped, and started again by hand: its agent asks, and tells what it was at.
  await service.call('StopInstances', { InstanceIds })
  assert.deepEqual(await delivered(instance), command)
  await instance.end(command, 'Failed')
  assert.equal((await commandState(service, sent)).Status, 'Failed')
})

test('a service that was away gives agents time to tell what happened meanwhile', async (t) => {
  const { service, instance, send } = await start(t)
  const sent = await send()
  const command = await delivered(instance)
  service.later(24 * 3_600_000)
  const world = { ...service.dependencies, now: () => service.clock }
  const watch = new CommandWatch(world)
  await watch.look()
  assert.equal((await commandState(service, sent)).Status, 'InProgress')
  await instance.end(command)
  assert.equal((await commandState(service, sent)).Status, 'Success')
})

test('a command goes to so many instances at once, and to no more after too many errors', async (t) => {
  const { service, instances, send } = await start(t, { instances: 3 })
  const [a, b, c] = instances as [LaunchedInstance, LaunchedInstance, LaunchedInstance]
  const sent = await send({ MaxConcurrency: '1', MaxErrors: '34%' })
  const first = await delivered(a)
  assert.deepEqual((await b.poll()).commands, [])
  await a.end(first, 'Failed')
  await b.end(await delivered(b), 'TimedOut')
  assert.deepEqual((await c.poll()).commands, [])
  assert.equal((await stateOf(service, sent, c))['StatusDetails'], 'Terminated')
  assert.partialDeepStrictEqual(await commandState(service, sent), {
    Status: 'Failed',
    CompletedCount: 3,
    ErrorCount: 2,
  })

  const many = await Promise.all(
    Array.from({ length: 6 }, () => send({ InstanceIds: [a.instanceID] })),
  )
  const { commands } = await a.poll()
  assert.equal(commands.length, 5, 'an agent runs five at once')
  await a.end(commands[0]!)
  const running = commands.slice(1).map((command) => command.commandID)
  const sixth = (await a.poll({ running })).commands
  assert.equal(sixth.length, 1)
  assert.equal(new Set(many.map((one) => one.CommandId)).size, 6)
})
