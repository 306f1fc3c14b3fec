import { CREATE_IMAGE, CREATE_IMAGE_CONTENT } from './create-image-document.ts'
import { PREDEFINED_DOCUMENTS, predefinedContent } from './predefined-documents.ts'
import type { SsmDocumentRow, SsmDocumentVersionRow } from './tables.ts'

/** 1 second to 48 hours, in SSM's own words. */
const EXECUTION_TIMEOUT =
  '([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)'

/** What the public document of this name does: commands that its caller gives. */
const RUN_SHELL_SCRIPT = {
  schemaVersion: '2.2',
  description: 'Run a shell script or specify the commands to run.',
  parameters: {
    commands: {
      type: 'StringList',
      description: 'Specify a shell script or a command to run.',
      minItems: 1,
    },
    workingDirectory: {
      type: 'String',
      default: '',
      description: 'The path to the working directory on your instance.',
      maxChars: 4096,
    },
    executionTimeout: {
      type: 'String',
      default: '3600',
      description:
        'The time in seconds for a command to complete before it is considered to have failed.',
      allowedPattern: EXECUTION_TIMEOUT,
    },
  },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'runShellScript',
      inputs: {
        runCommand: '{{ commands }}',
        workingDirectory: '{{ workingDirectory }}',
        timeoutSeconds: '{{ executionTimeout }}',
      },
    },
  ],
}

interface BuiltIn {
  readonly document: SsmDocumentRow
  readonly version: SsmDocumentVersionRow
}

/** Documents that are here from the start, by name: what every account of SSM has, and our own. */
export const BUILT_IN_DOCUMENTS: ReadonlyMap<string, BuiltIn> = new Map([
  ['AWS-RunShellScript', builtIn('AWS-RunShellScript', RUN_SHELL_SCRIPT)],
  [CREATE_IMAGE.name, builtIn(CREATE_IMAGE.name, CREATE_IMAGE_CONTENT)],
  ...PREDEFINED_DOCUMENTS.map(
    (one) => [one.name, builtIn(one.name, predefinedContent(one))] as const,
  ),
])

function builtIn(name: string, content: object): BuiltIn {
  return {
    document: { name, seq: 0, default_version: 1, latest_version: 1, tags: {} },
    version: {
      document_name: name,
      version: 1,
      version_name: null,
      display_name: null,
      target_type: null,
      content: JSON.stringify(content, null, 2),
      created_at: new Date('2026-01-01T00:00:00Z'),
    },
  }
}
