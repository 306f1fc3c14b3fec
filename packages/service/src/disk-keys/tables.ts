import type { ColumnType } from 'kysely'

export interface DiskKeysTable {
  source_server_id: string
  /** The operator's, to tell several apart. */
  name: string
  sealed_passphrase: ColumnType<Buffer, Buffer, Buffer>
  created_at: Date
}

export interface DiskKeyTables {
  disk_keys: DiskKeysTable
}
