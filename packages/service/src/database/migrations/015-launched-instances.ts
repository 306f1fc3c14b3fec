import { sql, type Kysely } from 'kysely'

/** What an instance was launched as, and from when its disks are. */
const STATEMENTS = [
  `alter table instances
    add column firmware text not null default 'bios',
    add column is_protected boolean not null default false,
    add column notes jsonb not null default '[]',
    add column point_taken_at timestamptz`,
  // Until now the launch template protected whatever was launched from it.
  `update instances set is_protected = true
    from launch_templates join launch_template_versions version using (launch_template_id)
    where launch_templates.source_server_id = instances.source_server_id
      and version.version = launch_templates.default_version
      and version.data ->> 'DisableApiTermination' = 'true'`,
  `update instances set point_taken_at = points.taken_at
    from job_steps join points on points.point_id = job_steps.result ->> 'pointID'
    where job_steps.job_id = instances.job_id
      and job_steps.source_server_id = instances.source_server_id
      and job_steps.step = 'SNAPSHOT'`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
