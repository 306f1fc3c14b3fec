import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table disk_keys (
      source_server_id text not null references source_servers on delete cascade,
      name text not null,
      sealed_passphrase bytea not null,
      created_at timestamptz not null,
      primary key (source_server_id, name)
    )`)
    .execute(db)
}
