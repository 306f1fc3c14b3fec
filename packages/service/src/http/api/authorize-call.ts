import { arnOf } from '@landfall/model'
import type { ServiceContext } from '../call.ts'
import { authorize, type Principal } from '../principal.ts'
import { resourcesOf } from '../resources.ts'

/**
 * Registration with tags is also a tagging: AWS asks for both, and says which call it is part of.
 */
const REGISTER = 'RegisterAgentForMgn'

/** Throws `access_denied` unless the caller may do this to all that the input names. */
export function authorizeCall(
  service: ServiceContext,
  principal: Principal,
  call: { action: string; input: Readonly<Record<string, unknown>> },
): void {
  for (const resource of resourcesOf(call.input, principal, service.account)) {
    authorize(principal, { action: call.action, resource }, service.log)
  }
  const { tags } = call.input
  if (call.action !== `mgn:${REGISTER}` || typeof tags !== 'object' || tags === null) return
  if (Object.keys(tags).length === 0) return
  const resource = arnOf('sourceServer', '*', service.account)
  const context = { 'mgn:CreateAction': REGISTER }
  authorize(principal, { action: 'mgn:TagResource', resource, context }, service.log)
}
