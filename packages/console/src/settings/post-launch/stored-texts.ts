import { call } from '../../api/call.ts'
import type { PostLaunchAction } from './action.ts'
import type { ParameterTexts } from './predefined.ts'

/** SSM's limit of names in one call. */
const NAMES_MAX = 10

interface Parameters {
  readonly Parameters: readonly { readonly Name: string; readonly Value: string }[]
}

/** The values of an action's parameters, from the parameter store; of a list, one a line. */
export async function readStoredTexts(
  { parameters }: PostLaunchAction,
  signal: AbortSignal,
): Promise<ParameterTexts> {
  const names = Object.values(parameters)
    .flat()
    .map(({ parameterName }) => parameterName)
  const values = new Map<string, string>()
  for (let start = 0; start < names.length; start += NAMES_MAX) {
    const Names = names.slice(start, start + NAMES_MAX)
    const found = await call<Parameters>('ssm:GetParameters', { Names }, signal)
    for (const { Name, Value } of found.Parameters) values.set(Name, Value)
  }
  const texts = Object.entries(parameters).map(([name, stored]) => [
    name,
    stored.map(({ parameterName }) => values.get(parameterName) ?? '').join('\n'),
  ])
  return Object.fromEntries(texts) as ParameterTexts
}
