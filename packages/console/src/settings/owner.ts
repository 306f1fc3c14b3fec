import type { Action } from '../api/call.ts'

/** Whose settings they are: a server's, or a template's, which new servers take over. */
export type Owner =
  | { readonly kind: 'server'; readonly id: { readonly sourceServerID: string } }
  | { readonly kind: 'template'; readonly id: { readonly launchConfigurationTemplateID: string } }

/** MGN's operations have a name for each kind of owner. */
export function actionFor(
  { kind }: Owner,
  actions: { readonly server: Action; readonly template: Action },
): Action {
  return actions[kind]
}

export const PUT_ACTIONS = {
  server: 'mgn:PutSourceServerAction',
  template: 'mgn:PutTemplateAction',
} as const

export const REMOVE_ACTIONS = {
  server: 'mgn:RemoveSourceServerAction',
  template: 'mgn:RemoveTemplateAction',
} as const
