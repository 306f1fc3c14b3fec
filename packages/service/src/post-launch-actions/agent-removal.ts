import type { Database } from '../database/database.ts'
import { unfinishedActions } from './unfinished-actions.ts'

/**
 * Whether the agent is to remove itself from the instance: the instance is a cutover instance, its
 * cutover is finalised, every active action has succeeded on it, and no command is open there. On a
 * test instance the agent stays. Records when that was so first; who has removed itself takes no
 * commands any more.
 */
export async function mayRemoveAgent(
  db: Database,
  instanceID: string,
  now: Date,
): Promise<boolean> {
  const server = await db
    .selectFrom('instances')
    .innerJoin('source_servers', (join) =>
      join
        .onRef('source_servers.source_server_id', '=', 'instances.source_server_id')
        .onRef('source_servers.instance_id', '=', 'instances.instance_id'),
    )
    .selectAll('source_servers')
    .where('instances.instance_id', '=', instanceID)
    .where('instances.purpose', '=', 'CUTOVER')
    .where('source_servers.state', '=', 'CUTOVER')
    .executeTakeFirst()
  if (server === undefined) return false
  const open = await db
    .selectFrom('ssm_invocations')
    .select('command_id')
    .where('instance_id', '=', instanceID)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (open !== undefined) return false
  if ((await unfinishedActions(db, server, instanceID)).length > 0) return false
  await db
    .updateTable('ssm_instances')
    .set({ agent_removed_at: now })
    .where('instance_id', '=', instanceID)
    .where('agent_removed_at', 'is', null)
    .execute()
  return true
}
