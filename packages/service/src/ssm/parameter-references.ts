import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { SecretBox } from '../identity/secret-box.ts'
import { parameterLabel } from './parameter-rules.ts'
import { SsmError } from './ssm-error.ts'

/** `{{ssm:name}}` and `{{ssm:name:version}}`. */
const REFERENCE = /\{\{\s*ssm:([^\s{}]+)\s*\}\}/g

/** Of one command: more than anybody wrote down by hand. */
const REFERENCES_MAX = 100

/** Values of parameters of the store, by how they are referred to. */
export type StoredValues = ReadonlyMap<string, string>

/** SecureStrings that may be referred to, by name, and what opens them. */
export interface SecretReferences {
  readonly names: ReadonlySet<string>
  readonly secretBox: SecretBox
}

/** Reads what the texts refer to. Throws `SsmError` for what is not there, or is a secret. */
export async function readReferences(
  db: Kysely<Schema>,
  texts: readonly string[],
  secrets?: SecretReferences,
): Promise<StoredValues> {
  const references = new Set(
    texts.flatMap((text) => [...text.matchAll(REFERENCE)].map(([, reference = '']) => reference)),
  )
  if (references.size === 0) return new Map()
  if (references.size > REFERENCES_MAX) {
    const what = `${references.size} parameters; ${REFERENCES_MAX} are possible`
    throw new SsmError('InvalidParameters', `The command refers to ${what}.`)
  }
  const nameOf = (reference: string) => reference.replace(/:\d+$/, '')
  const rows = await db
    .selectFrom('ssm_parameters')
    .select(['name', 'value', 'sealed_value', 'version'])
    .where('name', 'in', [...references].map(nameOf))
    .execute()
  return new Map(
    [...references].map((reference) => {
      const row = rows.find(({ name }) => name === nameOf(reference))
      if (row === undefined) throw invalid(reference, 'does not exist')
      if (reference !== row.name && reference !== `${row.name}:${row.version}`) {
        throw invalid(reference, `is at version ${row.version}; earlier values are not kept`)
      }
      if (row.value !== null) return [reference, row.value]
      // A script is no place for secrets that its sender may not read; SSM refuses them too.
      if (row.sealed_value === null || secrets?.names.has(row.name) !== true)
        throw invalid(reference, 'is a SecureString, which no command can use')
      return [reference, secrets.secretBox.open(row.sealed_value, parameterLabel(row.name))]
    }),
  )
}

/** The text with what it refers to in its place. */
export function withReferences(text: string, stored: StoredValues): string {
  return text.replaceAll(REFERENCE, (whole, reference: string) => stored.get(reference) ?? whole)
}

function invalid(reference: string, what: string): SsmError {
  return new SsmError('InvalidParameters', `The parameter {{ssm:${reference}}} ${what}.`)
}
