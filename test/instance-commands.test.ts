import assert from 'node:assert/strict'
import { access, readFile, writeFile } from 'node:fs/promises'
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AwsCommandLine } from './aws-command-line.ts'
import { eventually } from './eventually.ts'
import { InstanceAgent } from './instance-agent.ts'
import { Installation } from './installation.ts'

/**
 * Commands on an instance as the AWS command line gives them: the real service, the real agent, and
 * this machine in the place of a guest (see InstanceAgent). The demo gives one to a real guest.
 */

const DEADLINE_MS = 120_000

interface Invocation {
  readonly Status: string
  readonly StatusDetails: string
  readonly ResponseCode: number
  readonly StandardOutputContent: string
  readonly StandardErrorContent: string
}

const ENDED = ['Success', 'Failed', 'Cancelled', 'TimedOut']

/** The service may be restarting meanwhile. */
const until = <T>(what: string, look: () => Promise<T | undefined>) =>
  eventually(what, DEADLINE_MS, look)

/** Waits for a file that a script makes. */
const untilThere = (path: string) =>
  until(`${path} is there`, async () => {
    await access(path)
    return true
  })

/** An operator with the AWS command line, and one instance. */
function operator(aws: AwsCommandLine, instanceID: string) {
  const one = ['--instance-ids', instanceID]
  const shell = ['--document-name', 'AWS-RunShellScript']
  return {
    send: async (script: string, parameters: object = {}, ...more: string[]): Promise<string> => {
      const given = JSON.stringify({ commands: [script], ...parameters })
      const { Command } = await aws.ssm<{ Command: { CommandId: string } }>(
        'send-command',
        ...[...shell, ...one, '--parameters', given, ...more],
      )
      return Command.CommandId
    },
    ended: async (commandID: string): Promise<Invocation> => {
      const named = ['--command-id', commandID, '--instance-id', instanceID]
      return await until(`the end of ${commandID}`, async () => {
        const invocation = await aws.ssm<Invocation>('get-command-invocation', ...named)
        return ENDED.includes(invocation.Status) ? invocation : undefined
      })
    },
  }
}

test('the AWS command line runs commands on an instance, whatever is killed meanwhile', async (t) => {
  await using installation = await Installation.start()
  const aws = await AwsCommandLine.of(installation)
  await using agent = await InstanceAgent.create(installation)
  const { send, ended } = operator(aws, agent.instanceID)
  const file = (name: string) => join(agent.folder, name)

  await t.test('an instance takes commands once its agent has asked for some', async () => {
    await assert.rejects(send('true'), new RegExp(`InvalidInstanceId.*${agent.instanceID}`, 's'))
    agent.start()
    const seen = await until('the instance is online', async () => {
      const { InstanceInformationList: list } = await aws.ssm<{
        InstanceInformationList: Record<string, string>[]
      }>('describe-instance-information', '--filters', 'Key=PingStatus,Values=Online')
      return list[0]
    })
    assert.equal(seen['InstanceId'], agent.instanceID)
    assert.equal(seen['ComputerName'], hostname())
    await until('the first boot is logged', async () =>
      /First boot .* reported/.test(await agent.log()) ? true : undefined,
    )
  })

  await t.test('its output and exit status come back', async () => {
    const good = await ended(await send('uname -r; pwd', { workingDirectory: ['/usr'] }))
    assert.partialDeepStrictEqual(good, {
      Status: 'Success',
      ResponseCode: 0,
      StandardOutputContent: `${release()}\n/usr\n`,
      StandardErrorContent: '',
    })
    const bad = await ended(await send('echo oops >&2; exit 3', {}, '--comment', 'It fails'))
    assert.partialDeepStrictEqual(bad, {
      Status: 'Failed',
      ResponseCode: 3,
      StandardErrorContent: 'oops\n',
    })
  })

  await t.test('instances are found by their tags', async () => {
    const tag = ['--targets', 'Key=tag:Größe,Values=klein']
    const shell = ['--document-name', 'AWS-RunShellScript', '--parameters', 'commands=true']
    type Sent = { Command: { CommandId: string; TargetCount: number; StatusDetails: string } }
    const none = await aws.ssm<Sent>('send-command', ...shell, ...tag)
    assert.equal(none.Command.StatusDetails, 'NoInstancesInTag')
    await aws.ec2('create-tags', '--resources', agent.instanceID, '--tags', 'Key=Größe,Value=klein')
    const one = await aws.ssm<Sent>('send-command', ...shell, ...tag)
    assert.equal(one.Command.TargetCount, 1)
    assert.equal((await ended(one.Command.CommandId)).Status, 'Success')
  })

  await t.test('a command is cancelled, and one that takes too long is ended', async () => {
    const long = await send(`touch ${file('begun')}; sleep 600`)
    await untilThere(file('begun'))
    await aws.ssm('cancel-command', '--command-id', long)
    assert.equal((await ended(long)).StatusDetails, 'Cancelled')
    const late = await ended(await send('sleep 600', { executionTimeout: ['1'] }))
    assert.equal(late.StatusDetails, 'ExecutionTimedOut')
  })

  await t.test(
    'the service is killed while a command runs: its end is told after all',
    async () => {
      const [counted, gate] = [file('counted'), file('gate')]
      const wait = `until [ -e ${gate} ]; do sleep 0.1; done`
      const waiting = await send(`echo run >>${counted}; ${wait}; echo passed`)
      await untilThere(counted)
      const pid = await readFile(join(installation.dataDir, 'run', 'service.pid'), 'utf8')
      process.kill(Number(/\d+/.exec(pid)?.[0]), 'SIGKILL')
      await writeFile(gate, '')
      const result = await ended(waiting)
      assert.equal(result.Status, 'Success')
      assert.equal(result.StandardOutputContent, 'passed\n')
      assert.equal(await readFile(counted, 'utf8'), 'run\n')
    },
  )

  await t.test('the agent is killed while a command runs: it is not run again', async () => {
    const counted = file('killed')
    const killed = await send(`echo $$ >>${counted}; sleep 600`)
    await untilThere(counted)
    await agent.end('SIGKILL')
    agent.start()
    const result = await ended(killed)
    assert.equal(result.Status, 'Failed')
    assert.match(result.StandardErrorContent, /interrupted.*not run again/s)
    const [pid, ...again] = (await readFile(counted, 'utf8')).trim().split('\n')
    assert.deepEqual(again, [])
    await until('the script is gone', async () => {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ')
      return state.includes(') Z ') ? true : undefined
    })
    // And the next one is run.
    assert.equal((await ended(await send('echo next'))).StandardOutputContent, 'next\n')
  })

  await t.test('what a terminated instance did not ask for ends with it', async () => {
    await agent.end('SIGTERM')
    const orphan = await send('true')
    await agent.recordTermination()
    assert.equal((await ended(orphan)).StatusDetails, 'Undeliverable')
    await assert.rejects(send('true'), /InvalidInstanceId/)
    agent.start()
    await until('the agent is refused', async () =>
      (await agent.log()).includes('was terminated') ? true : undefined,
    )
  })

  await t.test('all of it is listed, newest first', async () => {
    const { Commands: commands } = await aws.ssm<{ Commands: Record<string, unknown>[] }>(
      'list-commands',
    )
    assert.deepEqual(
      commands.map((command) => command['StatusDetails']),
      [
        'Incomplete',
        'Success',
        'Failed',
        'Success',
        'ExecutionTimedOut',
        'Cancelled',
        'Success',
        'NoInstancesInTag',
        'Failed',
        'Success',
      ],
    )
    assert.equal(commands[8]?.['Comment'], 'It fails')
    const audit = await installation.landfall('audit', '--json')
    assert.match(audit, /ssm:SendCommand/)
    assert.doesNotMatch(audit, /uname/)
  })
})
