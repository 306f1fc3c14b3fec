import { instanceToken } from '../packages/service/src/instances/tokens.ts'
import { PlayedInstance } from '../packages/service/src/played/played-instance.fixture.ts'
import type { PlayedWorld } from '../packages/service/src/played/played-world.fixture.ts'
import type { LaunchTrouble } from './behaviour.ts'
import type { DevelopmentService } from './development-service.ts'
import type { Tasks } from './tasks.ts'

const BOOT_MS = 12_000
const COMMAND_MS = 3000

/** An agent that is not told anything says that it is there. */
const ASK_MS = 30_000

/** What a guest prints while it boots, as far as anybody reads it. */
const BOOT_LINES = [
  '[    0.000000] Linux version 6.1.0-28-amd64 (debian-kernel@lists.debian.org)',
  '[    1.482913] virtio_blk virtio1: [vda] 83886080 512-byte logical blocks',
  '[    2.114410] EXT4-fs (vda1): mounted filesystem with ordered data mode',
  '[    3.907745] systemd[1]: Reached target Multi-User System.',
]
const PANIC = '[    2.731184] Kernel panic - not syncing: VFS: Unable to mount root fs'

interface Known {
  readonly hostname: string
  readonly launch: LaunchTrouble
}

/** The guests that were launched: they boot, print, and run what they are told. */
export class PlayedInstances {
  readonly #service: DevelopmentService
  readonly #world: PlayedWorld
  readonly #tasks: Tasks
  /** When each agent asks again; never, where it has removed itself. */
  readonly #asksAt = new Map<string, number>()

  constructor(service: DevelopmentService, world: PlayedWorld, tasks: Tasks) {
    this.#service = service
    this.#world = world
    this.#tasks = tasks
  }

  /** Does what is to be done now, in every instance; how much that was. */
  async look(knownOf: (sourceServerID: string) => Known): Promise<number> {
    const rows = await this.#service.world.db
      .selectFrom('instances')
      .select(['instance_id', 'source_server_id', 'first_boot'])
      .select((column) =>
        column
          .exists(
            column
              .selectFrom('ssm_invocations')
              .select('command_id')
              .whereRef('ssm_invocations.instance_id', '=', 'instances.instance_id')
              .where('ended_at', 'is', null),
          )
          .as('is_told'),
      )
      .where('state', '=', 'RUNNING')
      .execute()
    let count = 0
    for (const row of rows) {
      const { instance_id: id, first_boot: firstBoot } = row
      const known = knownOf(row.source_server_id)
      const now = this.#world.now().getTime()
      if (firstBoot === 'WAITING') count += await this.#boot(id, known)
      else if (row.is_told || now >= (this.#asksAt.get(id) ?? 0))
        count += await this.#ask(id, known)
    }
    return count
  }

  async #boot(instanceID: string, { hostname, launch }: Known): Promise<number> {
    const { provider } = this.#service
    const printed = await provider.consoleOutput(instanceID)
    if (launch.neverBoots === true) {
      if (printed === '')
        provider.print(instanceID, `${[...BOOT_LINES.slice(0, 2), PANIC].join('\n')}\n`)
      return 0
    }
    if (printed === '') provider.print(instanceID, `${BOOT_LINES.join('\n')}\n`)
    await this.#tasks.begin(`boot ${instanceID}`, BOOT_MS, async () => {
      provider.print(instanceID, `\n${hostname} login: `)
      await this.#agentOf(instanceID, hostname).boot()
    })
    return 1
  }

  async #ask(instanceID: string, { hostname, launch }: Known): Promise<number> {
    const agent = this.#agentOf(instanceID, hostname)
    const { commands, uninstall } = await agent.poll({ running: this.#tasks.keys })
    const isLast = uninstall === true
    this.#asksAt.set(instanceID, isLast ? Infinity : this.#world.now().getTime() + ASK_MS)
    const { action } = launch
    for (const command of commands) {
      const isWrong = command.steps.some(
        ({ script }) => action !== undefined && script.includes(action.script),
      )
      await this.#tasks.begin(command.commandID, COMMAND_MS, async () => {
        if (isWrong) await agent.end(command, 'Failed', '', action?.stderr)
        else await agent.end(command, 'Success', 'all is well\n')
      })
    }
    return commands.length
  }

  #agentOf(instanceID: string, hostname: string): PlayedInstance {
    const token = instanceToken(this.#service.world.instances.tokenKey, instanceID)
    return new PlayedInstance(this.#world, { instanceID, token, hostname })
  }
}
