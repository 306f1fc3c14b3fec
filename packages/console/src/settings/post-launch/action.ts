/** A value of the parameter store, by its name. */
export interface StoreParameter {
  readonly parameterType: 'STRING' | 'SECURE_STRING'
  readonly parameterName: string
}

/** What runs on an instance after its launch, as ListActions shows it. */
export interface PostLaunchAction {
  readonly actionID: string
  readonly actionName: string
  readonly documentIdentifier: string
  readonly documentVersion: string
  readonly order: number
  readonly category: string
  readonly description?: string
  readonly active: boolean
  readonly mustSucceedForCutover: boolean
  readonly timeoutSeconds: number
  readonly parameters: Readonly<Record<string, readonly StoreParameter[]>>
  readonly externalParameters: Readonly<Record<string, { readonly dynamicPath?: string }>>
  /** Of a template's action only. */
  readonly operatingSystem?: string
}

/** MGN's API puts actions from here on; those before are predefined ones. */
const OWN_ORDER_MIN = 1001

export function isPredefined({ order }: PostLaunchAction): boolean {
  return order < OWN_ORDER_MIN
}

/** A parameter of the document, and where its value is. A list has a row for each value. */
export interface ParameterRow {
  readonly name: string
  readonly parameterType: StoreParameter['parameterType']
  readonly parameterName: string
}

/** A parameter whose value is known once the instance is. */
export interface ExternalRow {
  readonly name: string
  readonly dynamicPath: string
}

/** An action as its form edits it. */
export interface ActionDraft extends Omit<
  PostLaunchAction,
  'parameters' | 'externalParameters' | 'description' | 'operatingSystem'
> {
  readonly description: string
  readonly parameters: readonly ParameterRow[]
  readonly externalParameters: readonly ExternalRow[]
}

/** MGN's own default, an hour. */
const TIMEOUT_SECONDS = 3600

/** An action that is not there yet, after all others. */
export function newDraft(others: readonly PostLaunchAction[]): ActionDraft {
  const order = Math.max(OWN_ORDER_MIN, ...others.map((other) => other.order + 1))
  return {
    actionID: `action-${order}`,
    actionName: '',
    documentIdentifier: '',
    documentVersion: '$DEFAULT',
    order,
    category: 'OTHER',
    description: '',
    active: true,
    mustSucceedForCutover: false,
    timeoutSeconds: TIMEOUT_SECONDS,
    parameters: [],
    externalParameters: [],
  }
}

export function draftOf(action: PostLaunchAction): ActionDraft {
  const { parameters, externalParameters, description = '', operatingSystem: _, ...rest } = action
  return {
    ...rest,
    description,
    parameters: Object.entries(parameters).flatMap(([name, values]) =>
      values.map((value) => ({ name, ...value })),
    ),
    externalParameters: Object.entries(externalParameters).map(([name, { dynamicPath = '' }]) => ({
      name,
      dynamicPath,
    })),
  }
}

/** As PutSourceServerAction and PutTemplateAction take it, without the owner. */
export function actionOf(draft: ActionDraft): Omit<PostLaunchAction, 'operatingSystem'> {
  const { parameters, externalParameters, description, ...rest } = draft
  const lists: Record<string, StoreParameter[]> = {}
  for (const { name, parameterType, parameterName } of parameters) {
    const list = (lists[name] ??= [])
    list.push({ parameterType, parameterName })
  }
  return {
    ...rest,
    ...(description !== '' && { description }),
    parameters: lists,
    externalParameters: Object.fromEntries(
      externalParameters.map(({ name, dynamicPath }) => [name, { dynamicPath }]),
    ),
  }
}
