import { type ApiOperations, apiOperations } from './api-operation.ts'
import { callContext, type ServiceContext } from '../call.ts'
import type { Operation } from '../operation.ts'
import { authorize } from '../principal.ts'
import { SSM_MODEL } from '../service-model.ts'
import { ssmResources } from '../ssm-resources.ts'

export function ssmApi(
  service: ServiceContext,
  operations: Readonly<Record<string, Operation>>,
): ApiOperations {
  return apiOperations(service, SSM_MODEL, operations, (name, operation) => ({
    authorize({ principal, wire }) {
      for (const resource of ssmResources(name, wire, service.account)) {
        authorize(principal, { action: `ssm:${name}`, resource }, service.log)
      }
    },
    run: ({ principal, reply }, read) =>
      operation(read() as never, callContext(service, principal.caller, reply)),
  }))
}
