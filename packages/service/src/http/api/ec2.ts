import { Ec2Error } from '../../ec2/ec2-error.ts'
import { type ApiOperations, apiOperations } from './api-operation.ts'
import { callContext, type ServiceContext } from '../call.ts'
import { ec2Resources } from '../ec2-resources.ts'
import type { Operation } from '../operation.ts'
import { authorize } from '../principal.ts'
import { EC2_MODEL } from '../service-model.ts'

export function ec2Api(
  service: ServiceContext,
  operations: Readonly<Record<string, Operation>>,
): ApiOperations {
  return apiOperations(service, EC2_MODEL, operations, (name, operation) => ({
    authorize({ principal, wire }) {
      // AWS has no permissions for single resources in what only describes.
      const arns = name.startsWith('Describe') ? ['*'] : ec2Resources(wire, service.account)
      for (const resource of arns) {
        authorize(principal, { action: `ec2:${name}`, resource }, service.log)
      }
    },
    run({ principal, reply }, read) {
      const input = read()
      // Everything was checked that is checked before something is done.
      if ((input as { DryRun?: boolean }).DryRun === true) throw wouldHaveSucceeded()
      return operation(input as never, callContext(service, principal.caller, reply))
    },
  }))
}

function wouldHaveSucceeded(): Ec2Error {
  const message = 'Request would have succeeded, but DryRun flag is set.'
  return new Ec2Error('DryRunOperation', message)
}
