import { maskedOwnInput } from '../../audit/masked-input.ts'
import { audit, callContext, checkAccount, type ServiceContext } from '../call.ts'
import type { Operation } from '../operation.ts'
import { MGN_MODEL } from '../service-model.ts'
import type { ApiCall } from './api-operation.ts'
import { authorizeCall } from './authorize-call.ts'

/**
 * Runs an operation that no model has: authorises it, and keeps what users change by it. It checks
 * its input itself. `prefix`: of its IAM action.
 */
export async function runOwn(
  service: ServiceContext,
  { name, prefix, operation }: { name: string; prefix: string; operation: Operation },
  { request, reply, principal, wire }: ApiCall,
): Promise<object> {
  const authorized = async () => {
    authorizeCall(service, principal, { action: `${prefix}:${name}`, input: wire })
    checkAccount(wire, service.account.accountID)
    return await operation(wire as never, callContext(service, principal.caller, reply))
  }
  // What agents and replication servers tell all the time is no decision of anybody.
  const { kind } = principal.caller
  if (kind !== 'user' && kind !== 'role') return await authorized()
  const kept = prefix === MGN_MODEL.signingName ? null : maskedOwnInput(wire)
  const event = { request, principal, service: prefix, operation: name, input: kept }
  return await audit(service, event, authorized)
}
