import { sql, type Kysely } from 'kysely'

const NAME = 'created-and-used-by-application-migration-service'

const STATEMENTS = [
  `alter table launch_templates
    add column seq integer generated always as identity unique,
    add column name text,
    add column default_version integer not null default 1,
    add column latest_version integer not null default 1,
    add column tags jsonb not null default '{}',
    add column created_at timestamptz not null default now(),
    add column created_by text not null default ''`,
  `update launch_templates set name = '${NAME}-' || coalesce(source_server_id, launch_template_id)`,
  `alter table launch_templates
    alter column name set not null,
    alter column tags drop default,
    alter column created_at drop default,
    alter column created_by drop default,
    add unique (name)`,
  `create table launch_template_versions (
    launch_template_id text not null references launch_templates on delete cascade,
    version integer not null,
    description text,
    data jsonb not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (launch_template_id, version))`,
  `insert into launch_template_versions
    select launch_template_id, 1, null, jsonb_build_object('InstanceType', instance_type),
      created_at, created_by
    from launch_templates`,
  `alter table launch_templates drop column instance_type`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
