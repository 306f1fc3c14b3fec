import { LandfallError } from '@landfall/model'
import { managedPolicy, type Policy } from './managed-policies.ts'

export interface Role {
  readonly name: string
  readonly path: string
  readonly policy: Policy
}

const SERVICE_PATH = '/service-role/'

/**
 * The roles that MGN defines, each with the policy it has there, and one for installing agents with
 * credentials that end by themselves.
 */
const ROLES = {
  AWSApplicationMigrationAgentInstallationRole: 'AWSApplicationMigrationAgentInstallationPolicy',
  AWSApplicationMigrationAgentRole: 'AWSApplicationMigrationAgentPolicy_v2',
  AWSApplicationMigrationReplicationServerRole: 'AWSApplicationMigrationReplicationServerPolicy',
  AWSApplicationMigrationConversionServerRole: 'AWSApplicationMigrationConversionServerPolicy',
  AWSApplicationMigrationLaunchInstanceWithSsmRole: 'AmazonSSMManagedInstanceCore',
} as const

export type RoleName = keyof typeof ROLES

export function roleOf(name: RoleName): Role {
  return { name, path: SERVICE_PATH, policy: managedPolicy(ROLES[name]) }
}

export function isRoleName(name: string): name is RoleName {
  return Object.hasOwn(ROLES, name)
}

/** The role with that ARN. Throws `access_denied`, as STS does: it does not tell what exists. */
export function findRole(arn: string, accountID: string): Role {
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  if (isRoleName(name) && roleArn(accountID, roleOf(name)) === arn) return roleOf(name)
  throw new LandfallError(
    'access_denied',
    `Role ${arn} cannot be assumed: there is no such role. Landfall has ${Object.keys(ROLES).join(', ')} under ${SERVICE_PATH}.`,
  )
}

export function roleArn(accountID: string, { path, name }: Role): string {
  return `arn:aws:iam::${accountID}:role${path}${name}`
}

/** Who a session of the role is. */
export function assumedRoleArn(accountID: string, roleName: string, sessionName: string): string {
  return `arn:aws:sts::${accountID}:assumed-role/${roleName}/${sessionName}`
}
