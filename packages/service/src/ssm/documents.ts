import { createHash } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { BUILT_IN_DOCUMENTS } from './built-in-documents.ts'
import { readDocument } from './document-content.ts'
import { SsmError } from './ssm-error.ts'
import type { SsmDocumentRow, SsmDocumentVersionRow } from './tables.ts'

/** SSM's own limit. */
const VERSIONS_MAX = 1000

/** Beginnings of names that SSM keeps for itself. */
const RESERVED = /^(aws-|amazon|amzn)/i

export interface NewVersion {
  readonly content: string
  readonly versionName?: string
  readonly displayName?: string
  readonly targetType?: string
  readonly now: Date
}

/** A document with its first version, which is its default. Throws `SsmError`. */
export async function insertDocument(
  trx: Transaction<Schema>,
  name: string,
  version: NewVersion & { readonly tags: Readonly<Record<string, string>> },
): Promise<SsmDocumentRow> {
  readDocument(version.content)
  if (RESERVED.test(name)) {
    throw new LandfallError(
      'validation',
      `Names that begin with AWS-, amazon or amzn are reserved.`,
    )
  }
  if (BUILT_IN_DOCUMENTS.has(name)) throw alreadyExists(name)
  const row = await trx
    .insertInto('ssm_documents')
    .values({ name, default_version: 1, latest_version: 1, tags: JSON.stringify(version.tags) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw alreadyExists(name)
  await insertVersion(trx, name, 1, version)
  return row
}

function alreadyExists(name: string): SsmError {
  return new SsmError('DocumentAlreadyExists', `The document ${name} already exists.`)
}

/** A further version of the document. Throws `SsmError` for one that says what another says. */
export async function addDocumentVersion(
  trx: Transaction<Schema>,
  document: SsmDocumentRow,
  version: NewVersion,
): Promise<SsmDocumentRow> {
  readDocument(version.content)
  const versions = await readVersions(trx, document.name)
  const same = versions.find((one) => one.content === version.content)
  if (same !== undefined) {
    throw new SsmError(
      'DuplicateDocumentContent',
      `The content is that of version ${same.version} of ${document.name} already.`,
    )
  }
  const { versionName } = version
  if (versionName !== undefined && versions.some((one) => one.version_name === versionName)) {
    throw new SsmError(
      'DuplicateDocumentVersionName',
      `${document.name} has a version named ${versionName} already.`,
    )
  }
  if (versions.length >= VERSIONS_MAX) {
    throw new SsmError(
      'DocumentVersionLimitExceeded',
      `${document.name} has ${VERSIONS_MAX} versions, which is the limit.`,
    )
  }
  const number = document.latest_version + 1
  await insertVersion(trx, document.name, number, version)
  return trx
    .updateTable('ssm_documents')
    .set({ latest_version: number })
    .where('name', '=', document.name)
    .returningAll()
    .executeTakeFirstOrThrow()
}

async function insertVersion(
  trx: Transaction<Schema>,
  name: string,
  number: number,
  version: NewVersion,
) {
  await trx
    .insertInto('ssm_document_versions')
    .values({
      document_name: name,
      version: number,
      version_name: version.versionName ?? null,
      display_name: version.displayName ?? null,
      target_type: version.targetType ?? null,
      content: version.content,
      created_at: version.now,
    })
    .execute()
}

/**
 * The document; with `lock`, to change it: nobody else does before the transaction ends. Documents
 * of AWS's names are only read.
 */
export async function findDocument(
  db: Kysely<Schema>,
  name: string,
  { lock }: { readonly lock: boolean } = { lock: false },
): Promise<SsmDocumentRow> {
  const builtIn = BUILT_IN_DOCUMENTS.get(name)
  if (builtIn !== undefined && !lock) return builtIn.document
  const query = db.selectFrom('ssm_documents').selectAll().where('name', '=', name)
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst()
  if (row !== undefined) return row
  throw new SsmError('InvalidDocument', `Document with name ${name} does not exist.`)
}

export async function readVersions(
  db: Kysely<Schema>,
  name: string,
): Promise<SsmDocumentVersionRow[]> {
  const builtIn = BUILT_IN_DOCUMENTS.get(name)
  if (builtIn !== undefined) return [builtIn.version]
  return await db
    .selectFrom('ssm_document_versions')
    .selectAll()
    .where('document_name', '=', name)
    .orderBy('version')
    .execute()
}

/** The version that a caller means: a number, `$LATEST`, `$DEFAULT` (also nothing), or a name. */
export async function findVersion(
  db: Kysely<Schema>,
  document: SsmDocumentRow,
  { version = '$DEFAULT', versionName }: { version?: string; versionName?: string },
): Promise<SsmDocumentVersionRow> {
  const versions = await readVersions(db, document.name)
  const number =
    version === '$LATEST'
      ? document.latest_version
      : version === '$DEFAULT'
        ? document.default_version
        : Number(version)
  const found = versions.find((one) =>
    versionName === undefined ? one.version === number : one.version_name === versionName,
  )
  if (found !== undefined) return found
  throw new SsmError(
    'InvalidDocumentVersion',
    `Document ${document.name} has no version ${versionName ?? version}.`,
  )
}

/** SSM's Sha256 of a version's content. */
export function contentHash({ content }: SsmDocumentVersionRow): string {
  return createHash('sha256').update(content).digest('hex')
}
