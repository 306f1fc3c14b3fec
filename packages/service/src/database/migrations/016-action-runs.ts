import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table action_runs (
    instance_id text not null references instances,
    action_id text not null,
    document jsonb not null,
    state text not null check (state in ('WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED')),
    attempt integer not null default 1,
    command_id text,
    failure text,
    started_at timestamptz,
    ended_at timestamptz,
    primary key (instance_id, action_id))`,
  `create index action_runs_open on action_runs (instance_id)
    where state in ('WAITING', 'RUNNING')`,
  // What the command that ran an action wrote is kept as long as the run.
  `create index action_runs_command on action_runs (command_id)`,
  `alter table ssm_instances add column agent_removed_at timestamptz`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
