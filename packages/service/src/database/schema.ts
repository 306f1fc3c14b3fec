import type { IdentityTables } from '../identity/tables.ts'
import type { LifecycleTables } from '../tables.ts'

/** Every table of the database; each folder declares its own. */
export type Schema = IdentityTables & LifecycleTables
