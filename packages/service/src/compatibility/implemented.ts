import type { OperationDependencies } from '../dependencies.ts'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { createOperations } from '../operations.ts'
import { TIMING } from '../timing.ts'

/** The operations of the five services that there are, as `mgn:StartTest`. */
export function implementedOperations(): ReadonlySet<string> {
  // They are made and not called: nothing of the world is needed but time.
  const world = { now: () => new Date(0), timing: TIMING } as unknown as OperationDependencies
  const { mgn, ec2, ssm } = createOperations(world)
  const services = { mgn, ec2, ssm, iam: iamOperations, sts: stsOperations }
  return new Set(
    Object.entries(services).flatMap(([service, operations]) =>
      Object.keys(operations).map((name) => `${service}:${name}`),
    ),
  )
}
