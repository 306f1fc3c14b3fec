import { errorText } from '@landfall/model'
import { parse as parseYaml, stringify as stringifyYaml } from 'yaml'
import { z } from 'zod'
import { SsmError } from './ssm-error.ts'

/** SSM's limit of a document, in bytes. */
const CONTENT_BYTES_MAX = 64 * 1024

/** The one schema that describes commands, and the one plugin that a Linux instance needs. */
const SCHEMA_VERSION = '2.2'

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

const parameter = z.strictObject({
  type: z.enum(['String', 'StringList', 'Integer', 'Boolean', 'StringMap', 'MapList']),
  description: z.string().optional(),
  displayType: z.string().optional(),
  default: z.unknown().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  allowedPattern: z.string().refine(isPattern, 'is not a regular expression').optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minChars: z.number().optional(),
  maxChars: z.number().optional(),
})

const step = z.strictObject({
  action: z.literal('aws:runShellScript'),
  name: z.string().regex(/^[a-zA-Z0-9_]{1,128}$/),
  description: z.string().optional(),
  precondition: z
    .strictObject({ StringEquals: z.tuple([z.string(), z.string()]).optional() })
    .optional(),
  onFailure: z.enum(['exit', 'successAndExit']).optional(),
  finallyStep: z.boolean().optional(),
  inputs: z.strictObject({
    runCommand: z.union([z.string(), z.array(z.string()).min(1)]),
    // A parameter may stand for either.
    timeoutSeconds: z.union([z.number().int().positive(), z.string()]).optional(),
    workingDirectory: z.string().optional(),
  }),
})

const schema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  description: z.string().optional(),
  parameters: z.record(z.string().regex(/^[a-zA-Z0-9]{1,1011}$/), parameter).optional(),
  mainSteps: z.array(step).min(1),
})

/** What a Command document says: shell scripts to be run one after the other. */
export type CommandDocument = z.infer<typeof schema>

export type DocumentFormat = 'JSON' | 'YAML'

/** In which format the content of a document is. JSON is YAML too, and counts as JSON. */
export function formatOf(content: string): DocumentFormat {
  return parseJson(content) === undefined ? 'YAML' : 'JSON'
}

/** The content of a document in the format. */
export function contentIn(format: DocumentFormat, content: string): string {
  if (formatOf(content) === format) return content
  const value = parseContent(content)
  return format === 'JSON' ? JSON.stringify(value, null, 2) : stringifyYaml(value)
}

/** Reads a document. Throws `SsmError` that names the place that is wrong. */
export function readDocument(content: string): CommandDocument {
  const bytes = Buffer.byteLength(content)
  if (bytes > CONTENT_BYTES_MAX) {
    throw new SsmError(
      'MaxDocumentSizeExceeded',
      `The document has ${bytes} bytes; ${CONTENT_BYTES_MAX} are possible.`,
    )
  }
  const value = parseContent(content)
  const { schemaVersion } = (value ?? {}) as { schemaVersion?: unknown }
  if (schemaVersion !== SCHEMA_VERSION) {
    throw new SsmError(
      'InvalidDocumentSchemaVersion',
      `The document has schemaVersion ${JSON.stringify(schemaVersion)}; Landfall takes ` +
        `${JSON.stringify(SCHEMA_VERSION)}.`,
    )
  }
  const result = schema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    throw malformed(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  refuseUnknownParameters(content, result.data)
  return result.data
}

function parseContent(content: string): unknown {
  const value = parseJson(content)
  if (value !== undefined) return value
  try {
    // What it only warns of, nobody would read.
    return parseYaml(content, { logLevel: 'error' })
  } catch (error) {
    throw malformed(`it is neither JSON nor YAML: ${errorText(error)}`)
  }
}

/** Undefined for what is no JSON. */
function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/** Every `{{ name }}` must be a parameter: at the cutover it would be run as it stands. */
function refuseUnknownParameters(content: string, { parameters = {} }: CommandDocument) {
  for (const [, name = ''] of content.matchAll(/\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g)) {
    if (Object.hasOwn(parameters, name)) continue
    throw malformed(`{{ ${name} }} is used, and there is no parameter of that name`)
  }
}

function malformed(what: string): SsmError {
  return new SsmError('InvalidDocumentContent', `The document is not valid: ${what}.`)
}
