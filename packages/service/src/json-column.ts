import type { ColumnType } from 'kysely'

/**
 * A jsonb column: read as the value, written as its JSON text (`pg` would send an array as an SQL
 * array).
 */
export type JsonColumn<T> = ColumnType<T, string, string>
