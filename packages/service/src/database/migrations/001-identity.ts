import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('account_id', 'text', (column) => column.primaryKey())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('initialized_at', 'timestamptz')
    .execute()

  await db.schema
    .createTable('users')
    .addColumn('user_id', 'text', (column) => column.primaryKey())
    .addColumn('user_name', 'text', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .execute()
  // IAM compares user names without regard to case, and keeps the case they were given.
  await sql`create unique index users_user_name on users (lower(user_name))`.execute(db)

  await db.schema
    .createTable('access_keys')
    .addColumn('access_key_id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.user_id'))
    .addColumn('encrypted_secret', 'bytea', (column) => column.notNull())
    .addColumn('status', 'text', (column) =>
      column
        .notNull()
        .defaultTo('Active')
        .check(sql`status in ('Active', 'Inactive')`),
    )
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('access_keys_user_id').on('access_keys').column('user_id').execute()

  await db.schema
    .createTable('user_policies')
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.user_id'))
    .addColumn('policy_arn', 'text', (column) => column.notNull())
    .addColumn('attached_at', 'timestamptz', (column) => column.notNull())
    .addPrimaryKeyConstraint('user_policies_pkey', ['user_id', 'policy_arn'])
    .execute()
}
