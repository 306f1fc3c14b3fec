import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { eventually } from '../eventually.ts'
import type { Installation } from '../installation.ts'

const POLL_MS = 1000
/** Of a guest without hardware virtualisation, on a machine that does other things too. */
const COMMAND_DEADLINE_MS = 300_000

/** The commands of an operator on one launched instance, by the AWS SDK. */
export class Instance {
  readonly instanceID: string
  readonly #client: SSMClient

  private constructor(instanceID: string, client: SSMClient) {
    this.instanceID = instanceID
    this.#client = client
  }

  static async of(installation: Installation, instanceID: string): Promise<Instance> {
    const httpsAgent = new Agent({ ca: await readFile(installation.caFile, 'utf8') })
    const { credentials, region } = await installation.administrator()
    const client = new SSMClient({
      endpoint: installation.endpoint,
      region,
      credentials,
      requestHandler: new NodeHttpHandler({ httpsAgent }),
    })
    return new Instance(instanceID, client)
  }

  /** What a script prints that the instance's agent runs; one that fails is rejected. */
  async run(script: string): Promise<string> {
    const InstanceId = this.instanceID
    await this.#until('the agent asks for commands', async () => {
      const { InstanceInformationList: managed = [] } = await this.#client.send(
        new DescribeInstanceInformationCommand({}),
      )
      return managed.some((one) => one.InstanceId === InstanceId) ? true : undefined
    })
    const { Command } = await this.#client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [InstanceId],
        Parameters: { commands: [script] },
      }),
    )
    const CommandId = Command?.CommandId
    const ended = await this.#until('the command ends', async () => {
      const invocation = await this.#client.send(
        new GetCommandInvocationCommand({ CommandId, InstanceId }),
      )
      return /Pending|InProgress/.test(invocation.Status ?? '') ? undefined : invocation
    })
    if (ended.Status === 'Success') return (ended.StandardOutputContent ?? '').trim()
    throw new Error(`${script}: ${ended.Status} ${ended.StandardErrorContent}`)
  }

  /** The service may be restarting meanwhile. */
  #until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return eventually(`${this.instanceID}: ${what}`, COMMAND_DEADLINE_MS, look, POLL_MS)
  }
}
