import type {
  InstanceCommand,
  InstanceCommandResult,
  InstancePollAnswer,
  StepStatus,
} from '@landfall/model'
import type { PlayedWorld } from './played-world.fixture.ts'

/** What running a command takes, by the instance's clock. */
const COMMAND_MS = 1500

/** The agent in a launched instance, as far as it talks: it runs nothing. */
export class PlayedInstance {
  readonly instanceID: string
  readonly token: string
  readonly #world: PlayedWorld
  readonly #hostname: string

  constructor(
    world: PlayedWorld,
    options: { readonly instanceID: string; readonly token: string; readonly hostname: string },
  ) {
    this.#world = world
    this.instanceID = options.instanceID
    this.token = options.token
    this.#hostname = options.hostname
  }

  /** Reports the first boot. */
  boot(): Promise<object> {
    return this.#tell('UpdateAgentConversionInfo', { hostname: this.#hostname })
  }

  poll(
    input: { running?: string[]; cancelling?: string[]; token?: string; waitSeconds?: number } = {},
  ): Promise<InstancePollAnswer> {
    return this.#tell<InstancePollAnswer>('GetInstanceCommand', {
      waitSeconds: 0,
      facts: {
        agentVersion: '0.1.0',
        platformName: 'Debian GNU/Linux',
        platformVersion: '12',
        computerName: this.#hostname,
        ipAddress: '10.0.2.15',
      },
      running: [],
      cancelling: [],
      ...input,
    })
  }

  tell(result: InstanceCommandResult, token = this.token): Promise<object> {
    return this.#tell('SendInstanceCommandResult', { token, ...result })
  }

  /** Says of every step of the command that it ended so. */
  end(
    { commandID, steps }: InstanceCommand,
    status: StepStatus = 'Success',
    stdout = 'done\n',
    stderr = 'no such file\n',
  ): Promise<object> {
    const endedAt = this.#world.now()
    const startedAt = new Date(endedAt.getTime() - COMMAND_MS)
    const ended = steps.map(({ name }) => ({
      name,
      status,
      exitStatus: status === 'Success' ? 0 : 1,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      stdout,
      stderr: status === 'Success' ? '' : stderr,
    }))
    return this.tell({ commandID, status, steps: ended })
  }

  #tell<T = object>(name: string, input: object): Promise<T> {
    const { instanceID, token } = this
    return this.#world.callForMgn<T>(name, { instanceID, token, ...input }, { kind: 'anonymous' })
  }
}
