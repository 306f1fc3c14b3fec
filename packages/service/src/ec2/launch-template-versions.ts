import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from '../http/operation.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { described, type VersionInput } from './launch-template-operations.ts'
import {
  addVersion,
  findTemplate,
  getVersion,
  lockTemplate,
  versionNumber,
  type TemplateReference,
} from './launch-templates.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import type { LaunchTemplateRow, LaunchTemplateVersionRow } from './tables.ts'

type DescribeVersionsInput = TemplateReference &
  NumberedPageRequest & {
    readonly Versions?: readonly string[]
    readonly MinVersion?: string
    readonly MaxVersion?: string
    readonly Filters?: readonly Filter[]
  }

/** Versions of launch templates. */
export function ec2LaunchTemplateVersionOperations({ db }: OperationDependencies): OperationGroup {
  const operations: OperationGroup['ec2'] = {
    async CreateLaunchTemplateVersion(
      input: TemplateReference & VersionInput & { readonly SourceVersion?: string },
      context: CallContext,
    ) {
      const { SourceVersion: source } = input
      return await db.transaction().execute(async (trx) => {
        const template = await lockTemplate(trx, input)
        const row = await addVersion(trx, template, {
          ...(source !== undefined && { source }),
          data: input.LaunchTemplateData,
          ...described(input),
          createdBy: callerArn(context),
          now: context.now(),
        })
        return { LaunchTemplateVersion: viewVersion(template, row) }
      })
    },

    async DescribeLaunchTemplateVersions(input: DescribeVersionsInput) {
      const found = hasReference(input)
        ? await versionsOfOne(db, await findTemplate(db, input), input)
        : await versionsOfAll(db, input)
      const shown = found.filter(({ template, row }) =>
        matchesFilters(
          input.Filters,
          {},
          {
            'instance-type': row.data.InstanceType ?? '',
            'is-default-version': String(row.version === template.default_version),
          },
        ),
      )
      const { items, nextToken } = numberedPage(shown, input, ({ order }) => order)
      const views = items.map(({ template, row }) => viewVersion(template, row))
      return { LaunchTemplateVersions: views, ...nextToken }
    },
  }
  return { ec2: operations }
}

/** The newest first, as EC2 lists them. */
async function versionsOfOne(
  db: Kysely<Schema>,
  template: LaunchTemplateRow,
  input: DescribeVersionsInput,
) {
  const { Versions: named = [], MinVersion, MaxVersion } = input
  const rows =
    named.length > 0
      ? await Promise.all(named.map((version) => getVersion(db, template, version)))
      : await db
          .selectFrom('launch_template_versions')
          .selectAll()
          .where('launch_template_id', '=', template.launch_template_id)
          .where('version', '>=', MinVersion ? versionNumber(template, MinVersion) : 1)
          .where('version', '<=', MaxVersion ? versionNumber(template, MaxVersion) : 2 ** 31 - 1)
          .orderBy('version', 'desc')
          .execute()
  return rows.map((row, order) => ({ template, row, order }))
}

/** `$Latest`, `$Default` or both of every template. */
async function versionsOfAll(db: Kysely<Schema>, { Versions: named = [] }: DescribeVersionsInput) {
  if (named.length === 0 || named.some((one) => one !== '$Latest' && one !== '$Default')) {
    throw new Ec2Error(
      'MissingParameter',
      'Without a launch template, Versions must be $Latest, $Default or both.',
    )
  }
  const templates = await db.selectFrom('launch_templates').selectAll().orderBy('seq').execute()
  const found = await Promise.all(
    templates.map((template) =>
      Promise.all(
        named.map(async (version, index) => ({
          template,
          row: await getVersion(db, template, version),
          order: template.seq * named.length + index,
        })),
      ),
    ),
  )
  return found.flat()
}

function hasReference({ LaunchTemplateId, LaunchTemplateName }: TemplateReference): boolean {
  return LaunchTemplateId !== undefined || LaunchTemplateName !== undefined
}

function viewVersion(template: LaunchTemplateRow, row: LaunchTemplateVersionRow): object {
  return {
    LaunchTemplateId: row.launch_template_id,
    LaunchTemplateName: template.name,
    VersionNumber: row.version,
    ...(row.description !== null && { VersionDescription: row.description }),
    CreateTime: row.created_at,
    CreatedBy: row.created_by,
    DefaultVersion: row.version === template.default_version,
    LaunchTemplateData: row.data,
  }
}
