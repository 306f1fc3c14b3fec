import { LandfallError } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

/** How the command line's argument names the template. */
export const TEMPLATE = 'template'

/** For `argument`: whose actions, or other settings, are meant. */
export const OWNER_ARGUMENT = 'source server ID, s-…, or "template": what new servers take over'

/** Whose actions are meant, as operations take it, and as they name their operations. */
export type ActionOwner =
  | { readonly words: 'SourceServer'; readonly id: { readonly sourceServerID: string } }
  | { readonly words: 'Template'; readonly id: { readonly launchConfigurationTemplateID: string } }

interface Templates {
  readonly items: readonly { readonly launchConfigurationTemplateID: string }[]
  readonly nextToken?: string
}

/** The server, or the template that a new server takes its settings from: the newest. */
export async function actionOwner(
  client: ServiceClient,
  argument: string,
  signal: AbortSignal,
): Promise<ActionOwner> {
  if (argument !== TEMPLATE) return { words: 'SourceServer', id: { sourceServerID: argument } }
  let newest: string | undefined
  let nextToken: string | undefined
  do {
    const input = nextToken === undefined ? {} : { nextToken }
    const name = 'DescribeLaunchConfigurationTemplates'
    const page: Templates = await client.mgn<Templates>(name, input, signal)
    newest = page.items.at(-1)?.launchConfigurationTemplateID ?? newest
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  if (newest !== undefined) {
    return { words: 'Template', id: { launchConfigurationTemplateID: newest } }
  }
  throw new LandfallError('not_found', 'There is no launch configuration template.')
}
