import type { ChannelPollAnswer, ChannelResult, StagingCommand } from '@landfall/model'
import type { PlayedWorld } from './played-world.fixture.ts'

export const REPLICATION_SERVER = 'i-00000000000000001'

/** Of a point that little was written for. */
const LAYER_BYTES = 100

/** A staging area without disks: it says that it has done what it was told. */
export class PlayedStagingArea {
  readonly #world: PlayedWorld

  constructor(world: PlayedWorld) {
    this.#world = world
  }

  tell<T>(name: string, input: object): Promise<T> {
    const caller = { kind: 'replication-server', replicationServerID: REPLICATION_SERVER } as const
    return this.#world.callForMgn<T>(name, input, caller)
  }

  poll(): Promise<ChannelPollAnswer> {
    const input = { replicationServerID: REPLICATION_SERVER, waitSeconds: 0 }
    return this.tell<ChannelPollAnswer>('GetChannelCommands', input)
  }

  /** Says that the command has been carried out, or why not. */
  async end(command: StagingCommand, error?: string): Promise<void> {
    const outcome =
      error === undefined
        ? ({ ok: true, result: await this.#resultOf(command) } as const)
        : ({ ok: false, error } as const)
    await this.tellOutcome(command, outcome)
  }

  async tellOutcome(command: StagingCommand, outcome: ChannelResult['outcome']): Promise<void> {
    await this.tell('SendChannelCommandResult', { commandID: command.commandID, outcome })
  }

  async pointCreated(sourceServerID: string, pointID: string): Promise<void> {
    await this.tell('BatchCreateVolumeSnapshotGroup', {
      point: {
        pointID,
        sourceServerID,
        consistency: 'filesystem',
        frozen: ['/'],
        notFrozen: [],
        freezeMs: 12,
        takenAt: this.#world.now().toISOString(),
        disks: await this.#layersOf(sourceServerID, pointID),
      },
    })
  }

  async #layersOf(sourceServerID: string, pointID: string) {
    const disks = await this.#world.disksOf(sourceServerID)
    return disks.map(({ deviceName, bytes }) => ({
      deviceName,
      sizeBytes: bytes,
      layerPath: `/staging/${pointID}${deviceName}`,
      layerBytes: LAYER_BYTES,
    }))
  }

  async #resultOf(command: StagingCommand): Promise<object> {
    if (command.type === 'PIN_POINT') {
      return { disks: await this.#layersOf(command.sourceServerID, command.pointID) }
    }
    if (command.type !== 'CONVERT') return {}
    const disks = await this.#world.disksOf(command.sourceServerID)
    return {
      disks: disks.map(({ deviceName }) => ({
        deviceName,
        path: `/staging/${command.instanceID}${deviceName}.qcow2`,
      })),
    }
  }
}
