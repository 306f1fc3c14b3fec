import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table instances
    add column instance_type text,
    add column tags jsonb not null default '{}'`.execute(db)
}
