/** A predefined action, as ListPredefinedActions describes it. */
export interface PredefinedAction {
  /** Of its document, and the action's ID. */
  readonly name: string
  readonly actionName: string
  readonly description: string
  readonly order: number
  readonly timeoutSeconds: number
  readonly parameters: readonly PredefinedParameter[]
}

export interface PredefinedParameter {
  readonly name: string
  /** SSM's: `String`, `StringList`. */
  readonly type: string
  readonly description: string
  /** Absent: a value must be given. */
  readonly default?: string | readonly string[]
  readonly allowedValues?: readonly string[]
}

/** What is entered for each parameter, by its name; of a list, a value a line. */
export type ParameterTexts = Readonly<Record<string, string>>

export function isList({ type }: PredefinedParameter): boolean {
  return type === 'StringList'
}

/** What the fields begin with. */
export function defaultTexts({ parameters }: PredefinedAction): ParameterTexts {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, defaultText(parameter)]))
}

function defaultText({ default: value = '' }: PredefinedParameter): string {
  return [value].flat().join('\n')
}

/** What is given for the action: the values that are not the defaults, which may change later. */
export function givenValues(
  { parameters }: PredefinedAction,
  texts: ParameterTexts,
): Readonly<Record<string, readonly string[]>> {
  const given = parameters.flatMap((parameter) => {
    const text = texts[parameter.name] ?? ''
    if (text === defaultText(parameter)) return []
    const values = isList(parameter) ? linesOf(text) : [text].filter((value) => value !== '')
    return values.length === 0 ? [] : [[parameter.name, values] as const]
  })
  return Object.fromEntries(given)
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
