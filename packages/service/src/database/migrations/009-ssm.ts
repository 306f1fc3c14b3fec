import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table ssm_parameters (
    name text primary key,
    seq integer generated always as identity unique,
    type text not null check (type in ('String', 'StringList', 'SecureString')),
    value text,
    sealed_value bytea,
    description text,
    tier text not null,
    version integer not null,
    tags jsonb not null,
    modified_at timestamptz not null,
    modified_by text not null)`,
  `create table ssm_documents (
    name text primary key,
    seq integer generated always as identity unique,
    default_version integer not null,
    latest_version integer not null,
    tags jsonb not null)`,
  `create table ssm_document_versions (
    document_name text not null references ssm_documents on delete cascade,
    version integer not null,
    version_name text,
    display_name text,
    target_type text,
    content text not null,
    created_at timestamptz not null,
    primary key (document_name, version))`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
