import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { contentIn, formatOf, type DocumentFormat } from './document-content.ts'
import { viewDocument, viewIdentifier, viewVersion } from './document-views.ts'
import {
  addDocumentVersion,
  findDocument,
  findVersion,
  insertDocument,
  readVersions,
} from './documents.ts'
import { tagsFromList } from '../tags/tag-list.ts'
import { SsmError } from './ssm-error.ts'

interface ContentInput {
  readonly Name: string
  readonly Content: string
  readonly DocumentFormat?: string
  readonly DocumentType?: string
  readonly VersionName?: string
  readonly DisplayName?: string
  readonly TargetType?: string
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[]
}

/** Which version of which document. */
interface Reference {
  readonly Name: string
  readonly DocumentVersion?: string
  readonly VersionName?: string
}

/** Making, changing and deleting Command documents. */
export function ssmDocumentOperations({ db }: OperationDependencies): OperationGroup {
  return {
    ssm: {
      async CreateDocument(input: ContentInput, context: CallContext) {
        const { Name: name, DocumentType: type = 'Command' } = input
        if (type !== 'Command') {
          throw new SsmError(
            'InvalidDocumentContent',
            `Landfall keeps no documents of type ${type}.`,
          )
        }
        const tags = tagsFromList(input.Tags)
        return await db.transaction().execute(async (trx) => {
          const version = newVersion(input, context)
          const document = await insertDocument(trx, name, { ...version, tags })
          const latest = await findVersion(trx, document, {})
          return { DocumentDescription: viewDocument(document, latest, context) }
        })
      },

      /** Adds a version; the default one stays what it is. */
      async UpdateDocument(
        input: ContentInput & { readonly DocumentVersion?: string },
        context: CallContext,
      ) {
        return await db.transaction().execute(async (trx) => {
          const before = await findDocument(trx, input.Name, { lock: true })
          const { DocumentVersion: base } = input
          if (base !== undefined) await findVersion(trx, before, { version: base })
          const document = await addDocumentVersion(trx, before, newVersion(input, context))
          const latest = await findVersion(trx, document, { version: '$LATEST' })
          return { DocumentDescription: viewDocument(document, latest, context) }
        })
      },

      async UpdateDocumentDefaultVersion(input: Reference) {
        return await db.transaction().execute(async (trx) => {
          const document = await findDocument(trx, input.Name, { lock: true })
          const version = await findVersion(trx, document, versionOf(input))
          await trx
            .updateTable('ssm_documents')
            .set({ default_version: version.version })
            .where('name', '=', document.name)
            .execute()
          const { version_name: name } = version
          return {
            Description: {
              Name: document.name,
              DefaultVersion: String(version.version),
              ...(name !== null && { DefaultVersionName: name }),
            },
          }
        })
      },

      async DeleteDocument(input: Reference) {
        await db.transaction().execute((trx) => deleteDocument(trx, input))
        return {}
      },
    },
  }
}

/** Deletes one version where one is named, but not the default one; else the document. */
async function deleteDocument(trx: Transaction<Schema>, input: Reference): Promise<void> {
  const { Name: name } = input
  const document = await findDocument(trx, name, { lock: true })
  if (input.DocumentVersion === undefined && input.VersionName === undefined) {
    await trx.deleteFrom('ssm_documents').where('name', '=', name).execute()
    return
  }
  const { version } = await findVersion(trx, document, versionOf(input)).catch((error: unknown) => {
    // DeleteDocument declares no InvalidDocumentVersion.
    throw error instanceof SsmError ? new SsmError('InvalidDocument', error.message) : error
  })
  if (version === document.default_version) {
    throw new SsmError(
      'InvalidDocumentOperation',
      `Version ${version} is the default one of ${name}; make another one the default first.`,
    )
  }
  await trx
    .deleteFrom('ssm_document_versions')
    .where('document_name', '=', name)
    .where('version', '=', version)
    .execute()
}

/** Reading Command documents. */
export function ssmDocumentViewOperations({ db }: OperationDependencies): OperationGroup {
  return {
    ssm: {
      /** In JSON unless another format is asked for, as SSM does. */
      async GetDocument(input: Reference & { readonly DocumentFormat?: string }) {
        const { DocumentFormat = 'JSON' } = input
        if (DocumentFormat === 'TEXT') throw noText('InvalidDocument')
        const document = await findDocument(db, input.Name)
        const version = await findVersion(db, document, versionOf(input))
        const Content = contentIn(DocumentFormat as DocumentFormat, version.content)
        return { ...viewVersion(document, version), DocumentFormat, Content }
      },

      async DescribeDocument(input: Reference, context: CallContext) {
        const document = await findDocument(db, input.Name)
        const version = await findVersion(db, document, versionOf(input))
        return { Document: viewDocument(document, version, context) }
      },

      async ListDocumentVersions(input: NumberedPageRequest & { readonly Name: string }) {
        const document = await findDocument(db, input.Name)
        const versions = await readVersions(db, document.name)
        const { items, nextToken } = numberedPage(versions, input, (one) => one.version)
        return { DocumentVersions: items.map((one) => viewVersion(document, one)), ...nextToken }
      },

      async ListDocuments(input: NumberedPageRequest & DocumentFilters, context: CallContext) {
        const rows = await db.selectFrom('ssm_documents').selectAll().orderBy('seq').execute()
        const shown = rows.filter(({ name }) => passes(name, input))
        const { items, nextToken } = numberedPage(shown, input, (row) => row.seq)
        const identifiers = await Promise.all(
          items.map(async (document) =>
            viewIdentifier(document, await findVersion(db, document, {}), context),
          ),
        )
        return { DocumentIdentifiers: identifiers, ...nextToken }
      },
    },
  }
}

interface DocumentFilters {
  readonly Filters?: readonly { readonly Key?: string; readonly Values?: readonly string[] }[]
}

/** Names pass by their beginning, as SSM has it; the rest is what all documents here have. */
function passes(name: string, { Filters: filters = [] }: DocumentFilters): boolean {
  return filters.every(({ Key: key = '', Values: wanted = [] }) => {
    switch (key) {
      case 'Name':
        return wanted.some((beginning) => name.startsWith(beginning))
      case 'Owner':
        return wanted.some((owner) => owner === 'Self' || owner === 'Private' || owner === 'All')
      case 'DocumentType':
        return wanted.includes('Command')
      case 'PlatformTypes':
        return wanted.includes('Linux')
      default:
        throw new SsmError(
          'InvalidFilterKey',
          `The filter ${key} is not supported; Name, Owner, DocumentType and PlatformTypes are.`,
        )
    }
  })
}

function newVersion(input: ContentInput, context: CallContext) {
  checkFormat(input)
  const { VersionName: versionName, DisplayName: displayName, TargetType: targetType } = input
  return {
    content: input.Content,
    ...(versionName !== undefined && { versionName }),
    ...(displayName !== undefined && { displayName }),
    ...(targetType !== undefined && { targetType }),
    now: context.now(),
  }
}

/** Who says nothing means JSON. */
function checkFormat({ DocumentFormat: format = 'JSON', Content: content }: ContentInput) {
  if (format === 'TEXT') throw noText('InvalidDocumentContent')
  if (format === 'YAML' || formatOf(content) === 'JSON') return
  const message = 'The document is not JSON; if it is YAML, give DocumentFormat YAML.'
  throw new SsmError('InvalidDocumentContent', message)
}

/** By the error that the operation declares. */
function noText(code: string): SsmError {
  return new SsmError(code, 'A document that runs commands is in JSON or YAML, and not in TEXT.')
}

function versionOf({ DocumentVersion: version, VersionName: versionName }: Reference) {
  return {
    ...(version !== undefined && { version }),
    ...(versionName !== undefined && { versionName }),
  }
}
