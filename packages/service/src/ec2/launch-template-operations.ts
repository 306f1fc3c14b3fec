import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from '../http/operation.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import {
  findTemplate,
  getVersion,
  insertLaunchTemplate,
  lockTemplate,
  type TemplateReference,
} from './launch-templates.ts'
import { matchingPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { tagListOf } from '../tags/tag-list.ts'
import { tagsOf, type TagSpecification } from './tags.ts'
import type { LaunchTemplateData, LaunchTemplateRow } from './tables.ts'

export interface VersionInput {
  readonly LaunchTemplateData: LaunchTemplateData
  readonly VersionDescription?: string
}

type CreateInput = VersionInput & {
  readonly LaunchTemplateName: string
  readonly TagSpecifications?: readonly TagSpecification[]
}

/** Launch templates; their versions are beside. */
export function ec2LaunchTemplateOperations({ db }: OperationDependencies): OperationGroup {
  const operations: OperationGroup['ec2'] = {
    async CreateLaunchTemplate(input: CreateInput, context: CallContext) {
      const row = await db.transaction().execute((trx) =>
        insertLaunchTemplate(trx, {
          name: input.LaunchTemplateName,
          sourceServerID: null,
          data: input.LaunchTemplateData,
          ...described(input),
          tags: tagsOf('launch-template', input.TagSpecifications),
          createdBy: callerArn(context),
          now: context.now(),
        }),
      )
      return { LaunchTemplate: viewTemplate(row) }
    },

    async ModifyLaunchTemplate(input: TemplateReference & { readonly DefaultVersion?: string }) {
      return await db.transaction().execute(async (trx) => {
        const template = await lockTemplate(trx, input)
        const { DefaultVersion: version = '$Default' } = input
        const { version: number } = await getVersion(trx, template, version)
        const row = await trx
          .updateTable('launch_templates')
          .set({ default_version: number })
          .where('launch_template_id', '=', template.launch_template_id)
          .returningAll()
          .executeTakeFirstOrThrow()
        return { LaunchTemplate: viewTemplate(row) }
      })
    },

    async DeleteLaunchTemplate(input: TemplateReference) {
      return await db.transaction().execute(async (trx) => {
        const template = await lockTemplate(trx, input)
        await refuseOwned(trx, template)
        await trx
          .deleteFrom('launch_templates')
          .where('launch_template_id', '=', template.launch_template_id)
          .execute()
        return { LaunchTemplate: viewTemplate(template) }
      })
    },

    async DescribeLaunchTemplates(
      input: NumberedPageRequest & {
        readonly LaunchTemplateIds?: readonly string[]
        readonly LaunchTemplateNames?: readonly string[]
        readonly Filters?: readonly Filter[]
      },
    ) {
      const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input
      for (const id of ids) await findTemplate(db, { LaunchTemplateId: id })
      for (const name of names) await findTemplate(db, { LaunchTemplateName: name })
      let query = db.selectFrom('launch_templates').selectAll()
      if (ids.length > 0) query = query.where('launch_template_id', 'in', ids)
      if (names.length > 0) query = query.where('name', 'in', names)
      const { items, nextToken } = await matchingPage(query, input, (row) =>
        matchesFilters(input.Filters, row.tags, { 'launch-template-name': row.name }),
      )
      return { LaunchTemplates: items.map(viewTemplate), ...nextToken }
    },
  }
  return { ec2: operations }
}

export function described({ VersionDescription: description }: VersionInput) {
  return description === undefined ? {} : { description }
}

/** A template that launches depend on stays: MGN would make a new one with the defaults. */
async function refuseOwned(trx: Transaction<Schema>, template: LaunchTemplateRow) {
  const id = template.launch_template_id
  const owner =
    template.source_server_id ??
    (
      await trx
        .selectFrom('launch_configuration_templates')
        .select('template_id')
        .where('launch_template_id', '=', id)
        .executeTakeFirst()
    )?.template_id
  if (owner === undefined) return
  throw new Ec2Error(
    'OperationNotPermitted',
    `Launch template ${id} is that of ${owner}, and goes when ${owner} is deleted.`,
  )
}

function viewTemplate(row: LaunchTemplateRow): object {
  return {
    LaunchTemplateId: row.launch_template_id,
    LaunchTemplateName: row.name,
    CreateTime: row.created_at,
    CreatedBy: row.created_by,
    DefaultVersionNumber: row.default_version,
    LatestVersionNumber: row.latest_version,
    Tags: tagListOf(row.tags),
  }
}
