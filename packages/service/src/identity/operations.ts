import type { IdentityOperations } from './identity-operation.ts'
import { policyOperations } from './policy-operations.ts'
import { sessionOperations } from './session-operations.ts'
import { userOperations } from './user-operations.ts'

/** IAM's operations, by the model's names. */
export const iamOperations: IdentityOperations = { ...userOperations, ...policyOperations }

/** STS's. */
export const stsOperations = sessionOperations
