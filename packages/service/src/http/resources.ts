import { arnOf } from '@landfall/model'
import type { Account } from '../identity/account.ts'
import type { Principal } from './principal.ts'

/**
 * The ARNs an operation is about, as policies name them: the source servers of its input, the resource
 * whose tags it is about, else `*`. A certificate that names no server speaks of its own.
 */
export function resourcesOf(
  input: Readonly<Record<string, unknown>>,
  principal: Principal,
  account: Account,
): string[] {
  const { sourceServerID, sourceServerIDs, resourceArn } = input
  if (typeof resourceArn === 'string') return [resourceArn]
  const named = [sourceServerID, sourceServerIDs].flat().filter((id) => typeof id === 'string')
  if (named.length === 0 && principal.caller.kind === 'agent') {
    named.push(principal.caller.sourceServerID)
  }
  if (named.length === 0) return ['*']
  return named.map((id) => arnOf('sourceServer', id, account))
}
