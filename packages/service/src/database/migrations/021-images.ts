import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table images (
    image_id text primary key,
    seq integer generated always as identity unique,
    instance_id text not null references instances,
    name text not null,
    description text,
    state text not null check (state in ('PENDING', 'AVAILABLE', 'FAILED', 'DEREGISTERED')),
    failure text,
    disks jsonb not null default '[]',
    tags jsonb not null,
    created_at timestamptz not null)`,
  // A name is free again once its image was deregistered.
  `create unique index images_name on images (name) where state <> 'DEREGISTERED'`,
  `create index images_open on images (seq) where state in ('PENDING', 'DEREGISTERED')`,
  `alter table action_runs add column image_id text`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
