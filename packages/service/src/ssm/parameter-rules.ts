import { LandfallError } from '@landfall/model'
import { SsmError } from './ssm-error.ts'
import type { SsmParameterRow } from './tables.ts'

export interface PutParameterInput {
  readonly Name: string
  readonly Value: string
  readonly Type?: SsmParameterRow['type']
  readonly Description?: string
  readonly Overwrite?: boolean
  readonly Tier?: string
  readonly AllowedPattern?: string
  readonly Policies?: string
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[]
}

/** SSM's own limits: characters of a value by tier, levels of a name between slashes. */
const VALUE_CHARACTERS_MAX = { Standard: 4096, Advanced: 8192 } as const
const LEVELS_MAX = 15

const NAME = /^[a-zA-Z0-9_.\-/]+$/
/** Names that SSM keeps for itself. */
const RESERVED = /^\/?(aws|ssm)/i

/** Sealed for one parameter, a value does not open as another's. */
export function parameterLabel(name: string): string {
  return `parameter ${name}`
}

/** What a parameter will be. Throws when it cannot be so, or is there and was not to be changed. */
export function checkNewParameter(
  input: PutParameterInput,
  before: SsmParameterRow | undefined,
): Pick<SsmParameterRow, 'type' | 'tier'> {
  checkName(input.Name)
  if (input.AllowedPattern !== undefined || input.Policies !== undefined) {
    throw invalid('Landfall keeps no allowed patterns or policies of parameters; leave them out.')
  }
  if (before !== undefined && input.Overwrite !== true) {
    throw new SsmError(
      'ParameterAlreadyExists',
      `The parameter ${input.Name} already exists. To overwrite this value, set Overwrite.`,
    )
  }
  const type = input.Type ?? before?.type
  if (type === undefined) throw invalid('A parameter type is required when you create a parameter.')
  if (before !== undefined && before.type !== type) {
    throw invalid(`The parameter ${input.Name} is a ${before.type} and stays one.`)
  }
  const tier = input.Value.length > VALUE_CHARACTERS_MAX.Standard ? 'Advanced' : 'Standard'
  const characters = VALUE_CHARACTERS_MAX[tier]
  if (input.Value.length > characters || (tier === 'Advanced' && input.Tier === 'Standard')) {
    throw invalid(
      `The value has ${input.Value.length} characters; a parameter of tier ` +
        `${input.Tier ?? 'Advanced'} can have ${input.Tier === 'Standard' ? VALUE_CHARACTERS_MAX.Standard : characters}.`,
    )
  }
  return { type, tier: input.Tier === 'Advanced' ? 'Advanced' : tier }
}

function checkName(name: string) {
  if (!NAME.test(name) || name.includes('//') || (name.includes('/') && !name.startsWith('/'))) {
    throw invalid(
      `${name} is no name of a parameter: letters, digits and _.-/ make one, and with a slash it ` +
        'begins with one.',
    )
  }
  if (RESERVED.test(name)) throw invalid(`Names that begin with aws or ssm are reserved: ${name}.`)
  const levels = name.split('/').length - 1
  if (levels <= LEVELS_MAX) return
  throw new SsmError(
    'HierarchyLevelLimitExceededException',
    `The name has ${levels} levels; ${LEVELS_MAX} are possible.`,
  )
}

function invalid(message: string): LandfallError {
  return new LandfallError('validation', message)
}
