import { LandfallError, newId, type SourceProperties } from '@landfall/model'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from 'kysely'
import { requireBootMode } from '../configurations/boot-mode.ts'
import type { LaunchConfiguration, ReplicationConfiguration } from '../configurations/settings.ts'
import type { Schema } from '../database/schema.ts'
import { setLaunchTemplateData } from '../ec2/launch-templates.ts'
import { putAction } from '../post-launch-actions/put-action.ts'
import { insertSourceServer } from '../source-servers/new-server.ts'
import { lockServer } from '../source-servers/records.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Applied } from './apply-group.ts'
import { FQDN_COLUMN } from './columns.ts'
import { inOrder, withLaunchTemplateContent } from './launch-template-content.ts'
import type { ActionContent, ServerContent } from './row-content.ts'
import { withTags } from './tags-of-row.ts'

export interface ApplyOptions {
  /** The application that the row names beside the server, which moves there. */
  readonly applicationID: string | undefined
  /** ARN of who imports. */
  readonly createdBy: string
  readonly now: Date
}

/** The state of an imported server until its agent is there. */
const PENDING = 'PENDING_INSTALLATION'

/** Makes the source server what a row says of it. */
export async function applyServer(
  trx: Transaction<Schema>,
  content: ServerContent,
  options: ApplyOptions,
): Promise<Applied> {
  const known = await findServer(trx, content)
  const problem = checkServer(content, known)
  if (problem !== undefined) throw new LandfallError('validation', problem)
  const server = known ?? (await insertServer(trx, content, options))
  const id = server.source_server_id
  const changes = [
    await setColumns(trx, server, content, options),
    await setLaunchTemplate(trx, id, content, options),
  ]
  for (const [name, action] of Object.entries(content.actions ?? {})) {
    changes.push(await applyAction(trx, id, name, action))
  }
  if (known === undefined) return { id, change: 'created' }
  return changes.includes(true) ? { id, change: 'modified' } : { id }
}

/** Why the row cannot be carried out on the server that is there, or on none. */
export function checkServer(
  { fqdn, tags = {} }: ServerContent,
  known: Pick<SourceServerRow, 'source_server_id' | 'state' | 'is_archived' | 'tags'> | undefined,
): string | undefined {
  if (known === undefined) {
    const message = `A new source server needs ${FQDN_COLUMN}: its host name or an IP address`
    return fqdn === undefined ? message : undefined
  }
  const id = known.source_server_id
  if (known.is_archived) return `Source server ${id} is archived`
  if (known.state === PENDING) return undefined
  const other = Object.entries(tags).find(([key, value]) => known.tags[key] !== value)
  if (other === undefined) return undefined
  return (
    `mgn:server:tag:${other[0]} of ${id} is not changed by an import any more, as its agent is ` +
    'installed: use `aws mgn tag-resource`'
  )
}

async function findServer(
  trx: Transaction<Schema>,
  { id, userProvidedID = '' }: ServerContent,
): Promise<SourceServerRow | undefined> {
  if (id !== undefined) return lockServer(trx, id)
  return trx
    .selectFrom('source_servers')
    .selectAll()
    .forUpdate()
    .where('user_provided_id', '=', userProvidedID)
    .where('is_archived', '=', false)
    .executeTakeFirst()
}

async function insertServer(
  trx: Transaction<Schema>,
  { userProvidedID = '', fqdn = '', tags = {} }: ServerContent,
  options: ApplyOptions,
): Promise<SourceServerRow> {
  return insertSourceServer(trx, unseen(fqdn), options, {
    state: PENDING,
    user_provided_id: userProvidedID,
    fqdn_for_action_framework: fqdn,
    tags: withTags(userProvidedID, {}, tags),
  })
}

/** What is known of a machine before an agent looks at it. */
function unseen(fqdn: string): SourceProperties {
  return {
    identificationHints: { hostname: fqdn, fqdn },
    networkInterfaces: [],
    disks: [],
    cpus: [],
    ramBytes: 0,
    os: { fullString: '' },
    firmware: 'bios',
  }
}

/** Whether that changed anything. */
async function setColumns(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  content: ServerContent,
  { applicationID }: ApplyOptions,
): Promise<boolean> {
  const before = {
    user_provided_id: server.user_provided_id,
    fqdn_for_action_framework: server.fqdn_for_action_framework,
    application_id: server.application_id,
    tags: server.tags,
    launch: server.launch_configuration,
    replication: server.replication_configuration,
  }
  const { launch, replication, tags, ...wanted } = {
    user_provided_id: content.userProvidedID ?? server.user_provided_id,
    fqdn_for_action_framework: fqdnOf(server, content),
    application_id: applicationID ?? server.application_id,
    tags: withTags(server.source_server_id, server.tags, content.tags),
    launch: launchOf(server.launch_configuration, content),
    replication: replicationOf(server.replication_configuration, content),
  }
  if (isDeepStrictEqual({ launch, replication, tags, ...wanted }, before)) return false
  // One that was there before is not this row's doing.
  if (launch.bootMode !== before.launch.bootMode) {
    requireBootMode(server.properties, launch.bootMode)
  }
  await trx
    .updateTable('source_servers')
    .set({
      ...wanted,
      tags: JSON.stringify(tags),
      launch_configuration: JSON.stringify(launch),
      replication_configuration: JSON.stringify(replication),
    })
    .where('source_server_id', '=', server.source_server_id)
    .execute()
  return true
}

/** What the agent found itself needs no other word for it. */
function fqdnOf(server: SourceServerRow, { fqdn }: ServerContent): string | null {
  const { fqdn_for_action_framework: before, properties } = server
  if (before === null && fqdn === properties.identificationHints.fqdn) return null
  return fqdn ?? before
}

async function setLaunchTemplate(
  trx: Transaction<Schema>,
  id: string,
  { template }: ServerContent,
  options: ApplyOptions,
): Promise<boolean> {
  if (template === undefined) return false
  return setLaunchTemplateData(trx, id, options, (data) =>
    withLaunchTemplateContent(data, template),
  )
}

function launchOf(before: LaunchConfiguration, content: ServerContent): LaunchConfiguration {
  const { launch = {}, template = {}, postLaunchActionsEnabled: isEnabled } = content
  const { postLaunchActions } = before
  return {
    ...before,
    ...launch,
    licensing: { ...before.licensing, ...launch.licensing },
    // Who names an instance type wants it, and no other that fits.
    ...(template.instanceType !== undefined && { targetInstanceTypeRightSizingMethod: 'NONE' }),
    ...(isEnabled === true && {
      postLaunchActions: { deployment: 'TEST_AND_CUTOVER', ...postLaunchActions },
    }),
    ...(isEnabled === false && { postLaunchActions: {} }),
  }
}

function replicationOf(
  before: ReplicationConfiguration,
  { replication = {}, replicationSecurityGroups: groups }: ServerContent,
): ReplicationConfiguration {
  return {
    ...before,
    ...replication,
    stagingAreaTags: { ...before.stagingAreaTags, ...replication.stagingAreaTags },
    ...(groups && { replicationServersSecurityGroupsIDs: inOrder(groups) }),
  }
}

/** Whether that changed anything. */
async function applyAction(
  trx: Transaction<Schema>,
  ownerID: string,
  name: string,
  { given, ...content }: ActionContent,
): Promise<boolean> {
  const known = await trx
    .selectFrom('actions')
    .selectAll()
    .where('owner_id', '=', ownerID)
    .where((where) => where(where.ref('document', '->>').key('actionName'), '=', name))
    .executeTakeFirst()
  const { documentIdentifier, order, ...rest } = { ...known?.document, ...content, ...given }
  if (documentIdentifier === undefined || order === undefined) {
    const message = `The new action ${name} needs the columns ssmDocumentName and order`
    throw new LandfallError('validation', message)
  }
  const wanted = { ...rest, documentIdentifier, order, actionName: name }
  if (isDeepStrictEqual(wanted, known?.document)) return false
  await putAction(trx, { ownerID, actionID: known?.action_id ?? newId('action') }, wanted)
  return true
}
