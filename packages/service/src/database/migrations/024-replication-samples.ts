import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table replication_samples (
      source_server_id text not null references source_servers on delete cascade,
      at timestamptz not null,
      state text not null,
      lag_seconds real,
      backlog_bytes bigint not null,
      wire_bytes bigint not null,
      primary key (source_server_id, at)
    )`)
    .execute(db)
}
