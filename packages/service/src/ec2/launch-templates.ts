import { isDeepStrictEqual } from 'node:util'
import { instanceTypeNamed } from '@landfall/launch'
import { newId } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { Ec2Error } from './ec2-error.ts'
import type { LaunchTemplateData, LaunchTemplateRow, LaunchTemplateVersionRow } from './tables.ts'

/** EC2's own quota of one template. */
const VERSIONS_MAX = 10_000

export interface NewLaunchTemplate {
  readonly name: string
  /** Whose own template it is. */
  readonly sourceServerID: string | null
  readonly data: LaunchTemplateData
  readonly description?: string
  readonly tags?: Readonly<Record<string, string>>
  /** ARN of who makes it. */
  readonly createdBy: string
  readonly now: Date
}

/** How a call names a template: by ID or by name. */
export interface TemplateReference {
  readonly LaunchTemplateId?: string
  readonly LaunchTemplateName?: string
}

/** A template with its first version, which is its default. */
export async function insertLaunchTemplate(
  trx: Transaction<Schema>,
  template: NewLaunchTemplate,
): Promise<LaunchTemplateRow> {
  checkData(template.data)
  const { name, sourceServerID, tags = {}, createdBy, now } = template
  const row = await trx
    .insertInto('launch_templates')
    .values({
      launch_template_id: newId('launchTemplate'),
      source_server_id: sourceServerID,
      name,
      tags: JSON.stringify(tags),
      created_at: now,
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) {
    throw new Ec2Error(
      'InvalidLaunchTemplateName.AlreadyExistsException',
      `Launch template name already in use: ${name}`,
    )
  }
  await insertVersion(trx, row, { ...template, version: 1 })
  return row
}

/** A further version: what `source` has, and what is given in its place. */
export async function addVersion(
  trx: Transaction<Schema>,
  template: LaunchTemplateRow,
  change: {
    readonly source?: string
    readonly data: LaunchTemplateData
    readonly description?: string
    readonly createdBy: string
    readonly now: Date
  },
): Promise<LaunchTemplateVersionRow> {
  const { source } = change
  const before = source === undefined ? undefined : await getVersion(trx, template, source)
  const version = template.latest_version + 1
  if (version > VERSIONS_MAX) {
    throw new Ec2Error(
      'VersionLimitExceeded',
      `Launch template ${template.launch_template_id} has ${VERSIONS_MAX} versions, which is the limit.`,
    )
  }
  const data = { ...before?.data, ...change.data }
  checkData(data)
  const row = await insertVersion(trx, template, { ...change, data, version })
  await trx
    .updateTable('launch_templates')
    .set({ latest_version: version })
    .where('launch_template_id', '=', template.launch_template_id)
    .execute()
  return row
}

/**
 * Makes what `edit` makes of a server's own template its new default version; nothing when that is
 * the same. Whether it changed.
 */
export async function setLaunchTemplateData(
  trx: Transaction<Schema>,
  sourceServerID: string,
  maker: { readonly createdBy: string; readonly now: Date },
  edit: (data: LaunchTemplateData) => LaunchTemplateData,
): Promise<boolean> {
  const template = await trx
    .selectFrom('launch_templates')
    .selectAll()
    .where('source_server_id', '=', sourceServerID)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const { data: before } = await getVersion(trx, template, '$Default')
  const data = edit(before)
  if (isDeepStrictEqual(data, before)) return false
  const { version } = await addVersion(trx, template, { data, ...maker })
  await trx
    .updateTable('launch_templates')
    .set({ default_version: version })
    .where('launch_template_id', '=', template.launch_template_id)
    .execute()
  return true
}

async function insertVersion(
  trx: Transaction<Schema>,
  { launch_template_id }: LaunchTemplateRow,
  options: {
    readonly version: number
    readonly data: LaunchTemplateData
    readonly description?: string
    readonly createdBy: string
    readonly now: Date
  },
): Promise<LaunchTemplateVersionRow> {
  return trx
    .insertInto('launch_template_versions')
    .values({
      launch_template_id,
      version: options.version,
      description: options.description ?? null,
      data: JSON.stringify(options.data),
      created_at: options.now,
      created_by: options.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The template, which nobody else changes before the transaction ends. */
export async function lockTemplate(
  trx: Transaction<Schema>,
  reference: TemplateReference,
): Promise<LaunchTemplateRow> {
  const template = await findTemplate(trx, reference)
  return trx
    .selectFrom('launch_templates')
    .selectAll()
    .where('launch_template_id', '=', template.launch_template_id)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/** The template that a call names. Throws `Ec2Error`. */
export async function findTemplate(
  db: Kysely<Schema>,
  { LaunchTemplateId: id, LaunchTemplateName: name }: TemplateReference,
): Promise<LaunchTemplateRow> {
  if ((id === undefined) === (name === undefined)) {
    throw new Ec2Error(
      'MissingParameter',
      'Name the launch template by either LaunchTemplateId or LaunchTemplateName.',
    )
  }
  const row = await db
    .selectFrom('launch_templates')
    .selectAll()
    .where(id === undefined ? 'name' : 'launch_template_id', '=', (id ?? name)!)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw id === undefined
    ? new Ec2Error(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      )
    : new Ec2Error(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      )
}

/** The version that a caller means: a number, `$Latest` or `$Default`. */
export async function getVersion(
  db: Kysely<Schema>,
  template: LaunchTemplateRow,
  version: string,
): Promise<LaunchTemplateVersionRow> {
  const number = versionNumber(template, version)
  const row = await db
    .selectFrom('launch_template_versions')
    .selectAll()
    .where('launch_template_id', '=', template.launch_template_id)
    .where('version', '=', number)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new Ec2Error(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${version} of ${template.launch_template_id}.`,
  )
}

export function versionNumber(template: LaunchTemplateRow, version: string): number {
  if (version === '$Latest') return template.latest_version
  if (version === '$Default') return template.default_version
  if (/^[1-9]\d{0,4}$/.test(version)) return Number(version)
  throw new Ec2Error(
    'InvalidLaunchTemplateVersion',
    `${version} is no version of a launch template: give a number, $Latest or $Default.`,
  )
}

/** A size that cannot be launched here is refused when it is asked for, and not at the cutover. */
function checkData({ InstanceType: name }: LaunchTemplateData) {
  if (name === undefined || instanceTypeNamed(name) !== undefined) return
  throw new Ec2Error(
    'InvalidParameterValue',
    `Instance type ${name} is not in Landfall's catalogue; DescribeInstanceTypes lists it.`,
  )
}
