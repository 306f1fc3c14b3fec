import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table policies (
    policy_id text primary key,
    policy_arn text not null unique,
    policy_name text not null,
    path text not null,
    description text,
    document text not null,
    created_at timestamptz not null)`,
  // IAM compares names of policies without regard to case, and over all paths.
  `create unique index policies_name on policies (lower(policy_name))`,
  `create table inline_policies (
    user_id text not null references users,
    policy_name text not null,
    document text not null,
    primary key (user_id, policy_name))`,
  `alter table access_keys
    add column last_used_at timestamptz,
    add column last_used_service text,
    add column last_used_region text`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
