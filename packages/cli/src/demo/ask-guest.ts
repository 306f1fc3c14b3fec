import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import { present, type Scene } from './scene.ts'

const POLL_MS = 500
/** The agent asks for commands as soon as it has reported the first boot. */
const DEADLINE_MS = 120_000

interface Invocation {
  readonly Status: string
  readonly StandardOutputContent: string
  readonly StandardErrorContent: string
}

/** Has the launched instance run a script, by an SSM command; what the script wrote. */
export async function askGuest(scene: Scene, script: string): Promise<string> {
  const client = present(scene, 'client')
  const InstanceId = present(scene, 'instanceID')
  const { signal } = scene.context
  await until(signal, async () => {
    const { InstanceInformationList: managed } = await client.ssm<{
      InstanceInformationList: readonly { readonly InstanceId: string }[]
    }>('DescribeInstanceInformation', {}, signal)
    return managed.some((one) => one.InstanceId === InstanceId) ? true : undefined
  })
  const input = {
    DocumentName: 'AWS-RunShellScript',
    InstanceIds: [InstanceId],
    Parameters: { commands: [script] },
  }
  const { Command } = await present(scene, 'operator')<{ Command: { CommandId: string } }>(
    'SendCommand',
    input,
    'ssm',
  )
  const { CommandId } = Command
  const ended = await until(signal, async () => {
    const named = { CommandId, InstanceId }
    const invocation = await client.ssm<Invocation>('GetCommandInvocation', named, signal)
    return /Pending|InProgress/.test(invocation.Status) ? undefined : invocation
  })
  if (ended.Status === 'Success') return ended.StandardOutputContent.trim()
  const said = ended.StandardErrorContent.trim()
  throw new LandfallError(
    'internal',
    `Command ${CommandId} is ${ended.Status} in the guest: ${said}`,
  )
}

async function until<T>(signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) {
      throw new LandfallError('unavailable', 'The guest runs no command: its agent does not ask.')
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}
