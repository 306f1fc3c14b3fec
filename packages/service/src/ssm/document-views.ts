import type { CallContext } from '../http/operation.ts'
import { tagListOf } from '../tags/tag-list.ts'
import { BUILT_IN_DOCUMENTS } from './built-in-documents.ts'
import { CREATE_IMAGE, CREATE_IMAGE_CONTENT } from './create-image-document.ts'
import { type CommandDocument, formatOf, readDocument } from './document-content.ts'
import { contentHash } from './documents.ts'
import type { SsmDocumentRow, SsmDocumentVersionRow } from './tables.ts'

const PLATFORMS = ['Linux']

/** SSM's DocumentDescription. */
export function viewDocument(
  document: SsmDocumentRow,
  version: SsmDocumentVersionRow,
  { accountID }: CallContext,
): object {
  const content = readContent(version)
  return {
    ...viewVersion(document, version),
    ...ownership(document, accountID),
    Hash: contentHash(version),
    HashType: 'Sha256',
    ...(content.description !== undefined && { Description: content.description }),
    Parameters: Object.entries(content.parameters ?? {}).map(([Name, parameter]) => ({
      Name,
      // SSM's API knows two types; the others are given as text.
      Type: parameter.type === 'StringList' ? 'StringList' : 'String',
      ...(parameter.description !== undefined && { Description: parameter.description }),
      ...(parameter.default !== undefined && { DefaultValue: defaultText(parameter.default) }),
    })),
    SchemaVersion: content.schemaVersion,
    LatestVersion: String(document.latest_version),
    DefaultVersion: String(document.default_version),
  }
}

/** SSM's DocumentIdentifier. */
export function viewIdentifier(
  document: SsmDocumentRow,
  version: SsmDocumentVersionRow,
  { accountID }: CallContext,
): object {
  return {
    ...viewVersion(document, version),
    ...ownership(document, accountID),
    SchemaVersion: readContent(version).schemaVersion,
  }
}

/** SSM's DocumentVersionInfo, and what GetDocument says of a version. */
export function viewVersion(document: SsmDocumentRow, version: SsmDocumentVersionRow): object {
  return {
    DocumentType: document.name === CREATE_IMAGE.name ? 'Automation' : 'Command',
    DocumentFormat: formatOf(version.content),
    Name: document.name,
    DocumentVersion: String(version.version),
    ...(version.version_name !== null && { VersionName: version.version_name }),
    ...(version.display_name !== null && { DisplayName: version.display_name }),
    ...(version.target_type !== null && { TargetType: version.target_type }),
    CreatedDate: version.created_at,
    IsDefaultVersion: version.version === document.default_version,
    Status: 'Active',
  }
}

function readContent({ document_name: name, content }: SsmDocumentVersionRow) {
  const read: Omit<CommandDocument, 'schemaVersion' | 'mainSteps'> & { schemaVersion: string } =
    name === CREATE_IMAGE.name ? CREATE_IMAGE_CONTENT : readDocument(content)
  return read
}

function ownership({ name, tags }: SsmDocumentRow, accountID: string) {
  const Owner = BUILT_IN_DOCUMENTS.has(name) ? 'Amazon' : accountID
  return { Owner, PlatformTypes: PLATFORMS, Tags: tagListOf(tags) }
}

function defaultText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
