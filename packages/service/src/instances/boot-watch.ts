import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { writeDurably } from '../durable-file.ts'

/** A screen may show secrets of the guest. */
const SCREENSHOT_MODE = 0o600

type World = Pick<Dependencies, 'db' | 'provider' | 'instances' | 'timing' | 'now' | 'log'>

/**
 * Watches instances until they report their first boot. What their screens show is kept as it
 * changes, so that an instance that does not come up leaves a picture of why; one that has not
 * reported in time is UNKNOWN, and still SUCCEEDED when its report comes after all.
 */
export class BootWatch {
  readonly #world: World
  /** Instances that waited at the last look, and since when. */
  #waiting: ReadonlyMap<string, Date> = new Map()
  readonly #attempts: Attempts

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** Looks at every instance that waits. What fails is logged, and tried at the next look. */
  async look(): Promise<void> {
    await this.#attempts.try('Instances were not looked at', () => this.#look())
  }

  async #look(): Promise<void> {
    const { db, now } = this.#world
    const rows = await db
      .selectFrom('instances')
      .select('instance_id')
      .where('state', '=', 'RUNNING')
      .where('first_boot', '=', 'WAITING')
      .execute()
    const before = this.#waiting
    const waiting = new Map(
      rows.map(({ instance_id: id }) => [id, before.get(id) ?? now()] as const),
    )
    this.#waiting = waiting
    // One that has reported since the last look is looked at once more: it has come up.
    for (const id of new Set([...before.keys(), ...waiting.keys()])) await this.#keepScreenshot(id)
    for (const [id, since] of waiting) await this.#giveUp(id, since)
  }

  async #keepScreenshot(instanceID: string): Promise<void> {
    const { provider, instances } = this.#world
    await this.#attempts.try(`The screen of instance ${instanceID} was not kept`, async () => {
      if ((await provider.describe(instanceID)).state !== 'running') return
      const picture = await provider.screenshot(instanceID)
      const file = instances.filesOf(instanceID).screenshotPath
      await writeDurably(file, picture, { mode: SCREENSHOT_MODE })
    })
  }

  async #giveUp(instanceID: string, since: Date): Promise<void> {
    const { db, now, timing } = this.#world
    if (now().getTime() - since.getTime() < timing.firstBootDeadlineMs) return
    await db
      .updateTable('instances')
      .set({ first_boot: 'UNKNOWN' })
      .where('instance_id', '=', instanceID)
      .where('first_boot', '=', 'WAITING')
      .execute()
  }
}
