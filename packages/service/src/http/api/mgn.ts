import { requireInitialized } from '../../identity/account.ts'
import { type ApiOperations, apiOperations } from './api-operation.ts'
import { authorizeCall } from './authorize-call.ts'
import { callContext, checkAccount, type ServiceContext } from '../call.ts'
import { RequestError } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { MGN_MODEL, type ModelOperation } from '../service-model.ts'

const NOT_INITIALIZED = 'UninitializedAccountException'

/** All that the model has: what the service does not do says so. */
export function mgnApi(
  service: ServiceContext,
  operations: Readonly<Record<string, Operation>>,
): ApiOperations {
  for (const name of Object.keys(operations)) {
    if (MGN_MODEL.operations[name] === undefined) throw new Error(`MGN has no operation ${name}`)
  }
  return apiOperations(service, MGN_MODEL, MGN_MODEL.operations, (name, model) => {
    const operation = operations[name]
    return {
      authorize({ principal, wire }) {
        authorizeCall(service, principal, { action: `mgn:${name}`, input: wire })
      },
      async run({ principal, reply }, read) {
        if (operation === undefined) {
          throw new RequestError('unknownOperation', notSupported(name, model))
        }
        if (model.errors.includes(NOT_INITIALIZED)) await requireInitialized(service.db)
        const input = read()
        checkAccount(input, service.account.accountID)
        return await operation(input as never, callContext(service, principal.caller, reply))
      },
    }
  })
}

function notSupported(name: string, { http }: ModelOperation): string {
  const isNetworks = http.requestUri.startsWith('/network-migration/')
  const why = isNetworks ? ': it migrates servers, and leaves networks as they are' : ''
  return `Landfall does not support ${name}${why}.`
}
