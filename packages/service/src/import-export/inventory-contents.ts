import type { Transaction } from 'kysely'
import { inBatches } from '../database/batches.ts'
import type { Schema } from '../database/schema.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import type { GroupKind, GroupRow } from '../inventory/tables.ts'
import { PREDEFINED_ORDER_MAX } from '../post-launch-actions/predefined-actions.ts'
import type { ActionRow } from '../post-launch-actions/tables.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { launchTemplateContentOf } from './launch-template-content.ts'
import type { ActionContent, GroupContent, RowContent, ServerContent } from './row-content.ts'

interface Account {
  readonly accountID: string
  readonly region: string
}

type Groups = ReadonlyMap<string, GroupRow>

/**
 * A row for each source server that is not archived, with its application and wave; then one for
 * each application without servers and each wave without applications, so that an import of the
 * rows elsewhere makes all of them.
 */
export async function* inventoryContents(
  trx: Transaction<Schema>,
  account: Account,
): AsyncGenerator<RowContent> {
  const groups = await readGroups(trx)
  const used = new Set<string>()
  const around = (applicationID: string | null) => {
    const application = groups.get(applicationID ?? '')
    const wave = groups.get(application?.wave_id ?? '')
    for (const group of [application, wave]) if (group !== undefined) used.add(group.group_id)
    return {
      ...account,
      ...(wave && { wave: groupContentOf(wave) }),
      ...(application && { application: groupContentOf(application) }),
    }
  }
  for await (const { row, template, actions } of servers(trx)) {
    yield { ...around(row.application_id), server: serverContentOf(row, template, actions) }
  }
  for (const kind of ['application', 'wave'] satisfies GroupKind[]) {
    for (const group of groups.values()) {
      if (group.kind !== kind || used.has(group.group_id)) continue
      yield kind === 'application'
        ? around(group.group_id)
        : { ...account, wave: groupContentOf(group) }
    }
  }
}

async function readGroups(trx: Transaction<Schema>): Promise<Groups> {
  const rows = await trx
    .selectFrom('groups')
    .selectAll()
    .where('is_archived', '=', false)
    .orderBy('seq')
    .execute()
  return new Map(rows.map((row) => [row.group_id, row]))
}

async function* servers(trx: Transaction<Schema>) {
  const read = (after: number, limit: number) =>
    trx
      .selectFrom('source_servers')
      .selectAll()
      .where('is_archived', '=', false)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute()
  for await (const rows of inBatches<SourceServerRow>(read)) {
    const ids = rows.map((row) => row.source_server_id)
    const templates = await readTemplates(trx, ids)
    const actions = await readActions(trx, ids)
    for (const row of rows) {
      const id = row.source_server_id
      yield { row, template: templates.get(id) ?? {}, actions: actions.get(id) ?? [] }
    }
  }
}

async function readTemplates(
  trx: Transaction<Schema>,
  ids: readonly string[],
): Promise<Map<string, LaunchTemplateData>> {
  const rows = await trx
    .selectFrom('launch_templates as template')
    .innerJoin('launch_template_versions as version', (join) =>
      join
        .onRef('version.launch_template_id', '=', 'template.launch_template_id')
        .onRef('version.version', '=', 'template.default_version'),
    )
    .select(['template.source_server_id', 'version.data'])
    .where('template.source_server_id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.source_server_id ?? '', row.data]))
}

/** Those that an import could put: predefined ones have orders that the model does not know. */
async function readActions(
  trx: Transaction<Schema>,
  ids: readonly string[],
): Promise<Map<string, ActionRow[]>> {
  const rows = await trx
    .selectFrom('actions')
    .selectAll()
    .where('owner_id', 'in', ids)
    .where('action_order', '>', PREDEFINED_ORDER_MAX)
    .orderBy('seq')
    .execute()
  return Map.groupBy(rows, (row) => row.owner_id)
}

function groupContentOf({ group_id: id, name, description, tags }: GroupRow): GroupContent {
  return { id, name, ...(description !== null && { description }), tags }
}

function serverContentOf(
  row: SourceServerRow,
  template: LaunchTemplateData,
  actions: readonly ActionRow[],
): ServerContent {
  const { instanceType, ...launchTemplate } = launchTemplateContentOf(template)
  const { launch_configuration: launch, replication_configuration: replication } = row
  const fqdn = row.fqdn_for_action_framework ?? row.properties.identificationHints.fqdn
  return {
    id: row.source_server_id,
    ...(row.user_provided_id !== null && { userProvidedID: row.user_provided_id }),
    fqdn,
    platform: 'Linux',
    tags: row.tags,
    launch,
    postLaunchActionsEnabled: 'deployment' in launch.postLaunchActions,
    template: {
      ...launchTemplate,
      // Where the type is chosen by the source's size, the template's says nothing.
      ...(launch.targetInstanceTypeRightSizingMethod === 'NONE' &&
        instanceType !== undefined && { instanceType }),
    },
    actions: Object.fromEntries(actions.map(actionContentOf)),
    replication,
    replicationSecurityGroups: Object.fromEntries(
      replication.replicationServersSecurityGroupsIDs.entries(),
    ),
    storageType: 'EBS',
  }
}

function actionContentOf({ document }: ActionRow): [string, ActionContent] {
  const { actionName, parameters, externalParameters, ...rest } = document
  return [actionName, { ...rest, given: { parameters, externalParameters } }]
}
