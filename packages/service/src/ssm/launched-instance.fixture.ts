import type {
  InstanceCommand,
  InstanceCommandResult,
  InstancePollAnswer,
  StepStatus,
} from '@landfall/model'
import { instanceToken } from '../instances/tokens.ts'
import type { TestService } from '../test-service.ts'

/** An instance that the service has launched, and the agent in it as far as it talks. */
export class LaunchedInstance {
  readonly instanceID: string
  readonly sourceServerID: string
  readonly token: string
  readonly #service: TestService

  private constructor(service: TestService, sourceServerID: string, instanceID: string) {
    this.#service = service
    this.sourceServerID = sourceServerID
    this.instanceID = instanceID
    this.token = instanceToken(service.dependencies.instances.tokenKey, instanceID)
  }

  static async launch(
    service: TestService,
    launchDisposition: 'STARTED' | 'STOPPED' = 'STARTED',
  ): Promise<LaunchedInstance> {
    const sourceServerID = await service.readyServer()
    await service.call('UpdateLaunchConfiguration', { sourceServerID, launchDisposition })
    await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
    await service.runJobs()
    return await LaunchedInstance.of(service, sourceServerID)
  }

  /** The one that was launched of the server last. */
  static async of(service: TestService, sourceServerID: string): Promise<LaunchedInstance> {
    const { launchedInstance } = await service.server(sourceServerID)
    return new LaunchedInstance(service, sourceServerID, launchedInstance?.ec2InstanceID ?? '')
  }

  /** Reports the first boot. */
  boot(): Promise<object> {
    const input = { instanceID: this.instanceID, token: this.token, hostname: 'web01' }
    return this.#service.callForMgn('UpdateAgentConversionInfo', input, { kind: 'anonymous' })
  }

  poll(
    input: { running?: string[]; cancelling?: string[]; token?: string; waitSeconds?: number } = {},
  ): Promise<InstancePollAnswer> {
    return this.#service.callForMgn<InstancePollAnswer>(
      'GetInstanceCommand',
      {
        instanceID: this.instanceID,
        token: this.token,
        waitSeconds: 0,
        facts: {
          agentVersion: '0.1.0',
          platformName: 'Debian GNU/Linux',
          platformVersion: '12',
          computerName: 'web01',
          ipAddress: '10.0.2.15',
        },
        running: [],
        cancelling: [],
        ...input,
      },
      { kind: 'anonymous' },
    )
  }

  tell(result: InstanceCommandResult, token = this.token): Promise<object> {
    const input = { instanceID: this.instanceID, token, ...result }
    return this.#service.callForMgn('SendInstanceCommandResult', input, { kind: 'anonymous' })
  }

  /** Runs nothing, and says that every step ended so. */
  end(
    command: InstanceCommand,
    status: StepStatus = 'Success',
    stdout = 'done\n',
    stderr = 'no such file\n',
  ) {
    const { commandID } = command
    const steps = command.steps.map(({ name }) => ({
      name,
      status,
      exitStatus: status === 'Success' ? 0 : 1,
      startedAt: '2026-01-10T09:00:01.000Z',
      endedAt: '2026-01-10T09:00:02.500Z',
      stdout,
      stderr: status === 'Success' ? '' : stderr,
    }))
    return this.tell({ commandID, status, steps })
  }
}
