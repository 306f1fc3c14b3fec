import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { REPLICATION_COLUMNS, viewReplications } from '../source-servers/records.ts'
import { emit } from './emit.ts'

/** At one look; of more, the next look sees the next ones. Bounds what a look costs. */
const SERVERS_AT_ONCE_MAX = 500

type World = Pick<Dependencies, 'db' | 'timing' | 'now' | 'log'>

/**
 * Notices that replication stalls and that it goes on. That it does is nowhere recorded, as time
 * alone can make it so; what was told last is.
 */
export class StallWatch {
  readonly #world: World
  readonly #attempts: Attempts
  /** Where the last look ended. */
  #after = 0

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  async look(): Promise<void> {
    await this.#attempts.try('Stalled servers were not looked for', () => this.#look())
  }

  async #look(): Promise<void> {
    const { db, timing, now } = this.#world
    const servers = await db
      .selectFrom('source_servers')
      .select([...REPLICATION_COLUMNS, 'seq', 'is_stalled'])
      .where((where) =>
        where.or([where('desired', '=', 'REPLICATING'), where('is_stalled', '=', true)]),
      )
      .where('seq', '>', this.#after)
      .orderBy('seq')
      .limit(SERVERS_AT_ONCE_MAX)
      .execute()
    const isLast = servers.length < SERVERS_AT_ONCE_MAX
    this.#after = isLast ? 0 : (servers.at(-1)?.seq ?? 0)
    const infos = await viewReplications(db, servers, now(), timing)
    for (const [index, server] of servers.entries()) {
      const isStalled = infos[index]?.dataReplicationState === 'STALLED'
      if (isStalled !== server.is_stalled) await this.#tell(server.source_server_id, isStalled)
    }
  }

  async #tell(id: string, isStalled: boolean): Promise<void> {
    const { db, now } = this.#world
    await db.transaction().execute(async (trx) => {
      await trx
        .updateTable('source_servers')
        .set({ is_stalled: isStalled })
        .where('source_server_id', '=', id)
        .execute()
      const type = 'MGN Source Server Data Replication Stalled Change'
      await emit(trx, id, { type, detail: { state: isStalled ? 'STALLED' : 'NOT_STALLED' } }, now())
    })
  }
}
