import type { Migration } from 'kysely/migration'
import * as identity from './001-identity.ts'
import * as lifecycle from './002-lifecycle.ts'
import * as pointPolicies from './003-point-policies.ts'
import * as mismatches from './004-mismatches.ts'

/** Every migration, in order of name. One that was released is never changed: add the next one. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-identity': identity,
  '002-lifecycle': lifecycle,
  '003-point-policies': pointPolicies,
  '004-mismatches': mismatches,
}
