import assert from 'node:assert/strict'
import { LaunchedInstance } from '../ssm/launched-instance.fixture.ts'
import type { World } from './lifecycle-story.fixture.ts'
import { callersOf } from './service-client.fixture.ts'

const Parameters = { commands: ['ls'], workingDirectory: ['/'] }

/** More than the smallest page has that lists instances. */
const INSTANCES = 6

/** A command that instances run, and one that is cancelled; the ID of the first. */
export async function callCommands({ client, landfall }: World) {
  const { ssm } = callersOf(client)
  const instances: LaunchedInstance[] = []
  while (instances.length < INSTANCES) instances.push(await LaunchedInstance.launch(landfall))
  for (const instance of instances) await instance.poll()
  const InstanceIds = instances.map(({ instanceID }) => instanceID)
  await ssm('DescribeInstanceInformation', {
    Filters: [{ Key: 'InstanceIds', Values: InstanceIds }],
    MaxResults: 5,
  })
  type Sent = { readonly Command: { readonly CommandId: string } }
  const send = (Comment: string) =>
    ssm<Sent>('SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      DocumentVersion: '1',
      InstanceIds,
      Parameters,
      Comment,
      TimeoutSeconds: 60,
    })
  const { CommandId } = (await send('is run')).Command
  for (const instance of instances) {
    const { commands } = await instance.poll()
    assert.ok(commands[0])
    await instance.end(commands[0])
  }
  const [InstanceId = ''] = InstanceIds
  await ssm('GetCommandInvocation', { CommandId, InstanceId })
  await ssm('ListCommands', { CommandId, MaxResults: 1 })
  await ssm('ListCommandInvocations', { CommandId, Details: true, MaxResults: 1 })
  const cancelled = await send('is cancelled')
  await ssm('CancelCommand', { CommandId: cancelled.Command.CommandId, InstanceIds })
  return { CommandId }
}
