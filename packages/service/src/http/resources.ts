import { arnOf } from '@landfall/model'
import type { Account } from '../identity/account.ts'
import type { Principal } from './principal.ts'

/**
 * The ARNs an operation is about, as policies name them: the source servers of its input, the
 * resource whose tags it is about, else `*`. A certificate that names no server speaks of its own.
 */
export function resourcesOf(
  input: Readonly<Record<string, unknown>>,
  principal: Principal,
  account: Account,
): string[] {
  const { sourceServerID, sourceServerIDs, resourceArn } = input
  const servers = [sourceServerID, sourceServerIDs].flat().filter((id) => typeof id === 'string')
  // Every one that is named counts: naming one's own resource beside another opens nothing.
  const named = servers.map((id) => arnOf('sourceServer', id, account))
  if (typeof resourceArn === 'string') named.push(resourceArn)
  if (named.length > 0) return named
  if (principal.caller.kind !== 'agent') return ['*']
  return [arnOf('sourceServer', principal.caller.sourceServerID, account)]
}
