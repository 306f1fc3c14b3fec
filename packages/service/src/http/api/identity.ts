import { LandfallError } from '@landfall/model'
import type { IdentityOperation } from '../../identity/identity-operation.ts'
import { iamOperations, stsOperations } from '../../identity/operations.ts'
import { identityResource } from '../../identity/resources.ts'
import { type ApiOperations, apiOperations } from './api-operation.ts'
import type { ServiceContext } from '../call.ts'
import { authorize } from '../principal.ts'
import { IAM_MODEL, STS_MODEL, type ServiceModel } from '../service-model.ts'

/** Whoever has a key may ask who they are, and get a session that can do no more. */
const UNASKED = new Set(['GetCallerIdentity', 'GetSessionToken'])

/** IAM's. */
export function iamApi(service: ServiceContext): ApiOperations {
  return identityApi(service, IAM_MODEL, iamOperations)
}

/** STS's. */
export function stsApi(service: ServiceContext): ApiOperations {
  return identityApi(service, STS_MODEL, stsOperations)
}

function identityApi(
  service: ServiceContext,
  model: ServiceModel,
  operations: Readonly<Record<string, IdentityOperation>>,
): ApiOperations {
  const { db, secretBox, account, log } = service
  return apiOperations(service, model, operations, (name, operation) => ({
    async authorize({ principal, wire }) {
      if (UNASKED.has(name)) return
      const { caller, arn: callerArn } = principal
      if (model === IAM_MODEL && caller.kind === 'user' && caller.isTemporary) {
        const text = 'IAM cannot be called with a session of GetSessionToken.'
        throw new LandfallError('access_denied', text)
      }
      const call = { name, input: wire, accountID: account.accountID, callerArn }
      const asked = await identityResource(db, call)
      authorize(principal, { action: `${model.signingName}:${name}`, ...asked }, log)
    },
    run: ({ principal }, read) =>
      operation(read() as never, {
        db,
        secretBox,
        accountID: account.accountID,
        caller: principal.caller,
        callerArn: principal.arn,
        callerID: principal.context['aws:userid'] ?? principal.arn,
        now: service.now(),
      }),
  }))
}
