import { sql } from 'kysely'

/**
 * Selected or returned by a statement: its transaction is committed without waiting for the disk.
 * A power failure may take the last moments of such transactions, in order and as a whole; a killed
 * service or PostgreSQL takes none. For what is told again anyway.
 */
export const NOT_WAITED_FOR = sql`set_config('synchronous_commit', 'off', true)`.as('commit')
