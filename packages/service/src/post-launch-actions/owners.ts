import type { Transaction } from 'kysely'
import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import { found, type ResourceType } from '../not-found.ts'

/** Who can have actions. */
export interface Owner {
  readonly words: 'SourceServer' | 'Template'
  readonly id: 'sourceServerID' | 'launchConfigurationTemplateID'
  readonly type: ResourceType
  /** Locks the owner, so that its actions change one after the other. */
  readonly lock: (trx: Transaction<Schema>, id: string) => Promise<unknown>
}

export const OWNERS: readonly Owner[] = [
  {
    words: 'SourceServer',
    id: 'sourceServerID',
    type: 'SourceServer',
    lock: (trx, id) =>
      trx
        .selectFrom('source_servers')
        .select('source_server_id')
        .where('source_server_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
  {
    words: 'Template',
    id: 'launchConfigurationTemplateID',
    type: 'LaunchConfigurationTemplate',
    lock: (trx, id) =>
      trx
        .selectFrom('launch_configuration_templates')
        .select('template_id')
        .where('template_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
]

/** The owner's ID; nobody else changes its actions before the transaction ends. */
export async function lockOwner(
  trx: Transaction<Schema>,
  owner: Owner,
  id: string,
): Promise<string> {
  found(await owner.lock(trx, id), owner.type, id)
  return id
}

const id = z.string().max(64)

/** How Landfall's own operations name an owner. */
export const ofOwner = z.object({
  sourceServerID: id.exactOptional(),
  launchConfigurationTemplateID: id.exactOptional(),
})

export function ownerOf(input: z.infer<typeof ofOwner>): {
  readonly owner: Owner
  readonly ownerID: string
} {
  const named = OWNERS.filter((owner) => input[owner.id] !== undefined)
  const [owner] = named
  if (owner !== undefined && named.length === 1) return { owner, ownerID: input[owner.id] ?? '' }
  throw new LandfallError(
    'validation',
    'Give either sourceServerID or launchConfigurationTemplateID',
  )
}
