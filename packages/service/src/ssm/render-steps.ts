import type { InstanceStep } from '@landfall/model'
import type { CommandDocument } from './document-content.ts'
import type { StoredValues } from './parameter-references.ts'
import type { ParameterValues } from './parameter-values.ts'
import { SsmError } from './ssm-error.ts'

type DocumentStep = CommandDocument['mainSteps'][number]

/** SSM's own. */
const TIMEOUT_SECONDS_DEFAULT = 3600
const TIMEOUT_SECONDS_MAX = 172_800

/**
 * Of all scripts of a command, as JSON: an instance is told five at once, and an agent takes
 * answers of 1 MiB. Twice the largest document.
 */
const STEPS_BYTES_MAX = 128 * 1024

/** `{{ name }}` and `{{ssm:name}}`. */
const PLACE = /\{\{\s*(?:([a-zA-Z0-9]+)|ssm:([^\s{}]+))\s*\}\}/g
const WHOLE_PLACE = /^\s*\{\{\s*([a-zA-Z0-9]+)\s*\}\}\s*$/

/**
 * What an instance is to run: the document's steps with values in the places of parameters. A value
 * is put in as it is, and what it looks like itself is not looked at again.
 */
export function renderSteps(
  document: CommandDocument,
  values: ParameterValues,
  stored: StoredValues,
): InstanceStep[] {
  const fill = filler(values, stored)
  const steps = document.mainSteps.map((step) => renderStep(step, values, fill))
  if (Buffer.byteLength(JSON.stringify(steps)) > STEPS_BYTES_MAX) throw tooLarge()
  return steps
}

function renderStep(
  step: DocumentStep,
  values: ParameterValues,
  fill: (text: string) => string,
): InstanceStep {
  const { runCommand, workingDirectory = '', timeoutSeconds } = step.inputs
  const lines = [runCommand].flat().flatMap((line) => {
    const value = values.get(WHOLE_PLACE.exec(line)?.[1] ?? '')
    // A list that stands alone is lines of its own.
    return Array.isArray(value) ? value.map(textOf) : [fill(line)]
  })
  const folder = fill(workingDirectory)
  return {
    name: step.name,
    script: lines.join('\n'),
    ...(folder !== '' && { workingDirectory: folder }),
    timeoutSeconds: readTimeout(step, fill(String(timeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT))),
    ...(!isMet(step, fill) && { isSkipped: true }),
    ...(step.onFailure !== undefined && { onFailure: step.onFailure }),
    ...(step.finallyStep === true && { isFinally: true }),
  }
}

/** Puts values into texts, as long as there is room for them. */
function filler(values: ParameterValues, stored: StoredValues): (text: string) => string {
  let bytes = 0
  return (text) =>
    text.replaceAll(PLACE, (whole, name: string | undefined, reference: string | undefined) => {
      const value = name === undefined ? stored.get(reference ?? '') : values.get(name)
      if (value === undefined) return whole
      const filled = textOf(value)
      bytes += filled.length
      if (bytes > STEPS_BYTES_MAX) throw tooLarge()
      return filled
    })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function readTimeout({ name }: DocumentStep, text: string): number {
  const seconds = Number(text)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= TIMEOUT_SECONDS_MAX) return seconds
  throw new SsmError(
    'InvalidParameters',
    `The timeoutSeconds of step ${name} are ${text}; 1 to ${TIMEOUT_SECONDS_MAX} are possible.`,
  )
}

/** Preconditions compare texts, or the platform, which is Linux on every instance. */
function isMet({ precondition = {} }: DocumentStep, fill: (text: string) => string): boolean {
  const { StringEquals: pair } = precondition
  if (pair === undefined) return true
  const [one, other] = pair.map((text) => (text === 'platformType' ? 'Linux' : fill(text)))
  return one === other
}

function tooLarge(): SsmError {
  return new SsmError(
    'MaxDocumentSizeExceeded',
    `The document with its parameters has more than ${STEPS_BYTES_MAX} bytes.`,
  )
}
