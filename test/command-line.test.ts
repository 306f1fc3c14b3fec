import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { Installation, LANDFALL, landfall, run } from './installation.ts'

const RESTART_DEADLINE_MS = 60_000

async function processOf(installation: Installation, name: string): Promise<number> {
  const text = await readFile(join(installation.dataDir, 'run', `${name}.pid`), 'utf8')
  return (JSON.parse(text) as { pid: number }).pid
}

async function supervisorOf(installation: Installation): Promise<number> {
  const text = await readFile(join(installation.dataDir, 'run', 'up.lock'), 'utf8')
  return (JSON.parse(text) as { pid: number }).pid
}

/** Repeats until it no longer throws. */
async function untilPasses(what: string, attempt: () => Promise<void>): Promise<void> {
  await eventually(what, RESTART_DEADLINE_MS, async () => {
    await attempt()
    return true
  })
}

test('every subcommand has help with examples', async () => {
  const points = ['create', 'list', 'export', 'verify', 'delete', 'policy']
  const commands = [
    'up',
    'down',
    'status',
    'env',
    'users create',
    'users password',
    'demo',
    'test',
    'buckets',
    'preflight',
    'launch-plan',
    'promote',
    'images list',
    'images export',
  ]
  const inventory = ['inventory import', 'inventory export']
  const actions = ['list', 'predefined', 'add', 'put', 'set', 'remove', 'results', 'rerun']
  for (const command of [
    ...commands,
    ...inventory,
    ...points.map((name) => `points ${name}`),
    ...actions.map((name) => `actions ${name}`),
  ]) {
    const { status, stdout, stderr } = await landfall(...command.split(' '), '--help')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /Examples:\n {2}\$ landfall /, command)
  }
})

test('an installation from first start to end', async (t) => {
  await using installation = await Installation.start()
  const { dataDir, port, replicationPort } = installation
  const ports = ['--port', String(port), '--replication-port', String(replicationPort)]

  await t.test('keeps the administrator’s key to root', async () => {
    assert.equal((await stat(join(dataDir, 'credentials.json'))).mode & 0o777, 0o600)
    assert.equal((await stat(dataDir)).mode & 0o777, 0o711)
  })

  await t.test('prints exports that a shell takes in', async () => {
    const script = `eval "$("$1" env --data-dir "$2")"
      printf '%s %s %s' "$AWS_ENDPOINT_URL" "$AWS_CA_BUNDLE" "$AWS_REGION"`
    const { stdout } = await run('sh', ['-c', script, 'sh', LANDFALL, dataDir])
    assert.equal(stdout, `${installation.endpoint} ${installation.caFile} lf-local-1`)
  })

  await t.test('a second start is refused, naming the process that runs it', async () => {
    const again = await landfall('up', '--data-dir', dataDir, '--detach', ...ports)
    assert.equal(again.status, 5)
    assert.match(again.stderr, /already up, run by process \d+/)
  })

  await t.test('a taken port is refused, naming who has it', async () => {
    const other = await landfall('up', '--data-dir', `${dataDir}/other`, '--detach', ...ports)
    assert.equal(other.status, 5)
    assert.match(other.stderr, new RegExp(`port ${port} is taken by process \\d+ .*--port`))
  })

  await t.test('a user’s key is shown once, and the name is taken then', async () => {
    const policy = ['--policy', 'AWSApplicationMigrationAgentInstallationPolicy']
    const key = JSON.parse(
      await installation.landfall('users', 'create', 'installer', ...policy, '--json'),
    ) as { accessKeyId: string; secretAccessKey: string }
    assert.match(key.accessKeyId, /^AKIA[A-Z0-9]{16}$/)
    const again = await landfall('users', 'create', 'installer', ...policy, '--data-dir', dataDir)
    assert.equal(again.status, 5)
    assert.match(again.stderr, /EntityAlreadyExists/)
  })

  await t.test('a policy that does not exist leaves no user behind', async () => {
    const create = ['users', 'create', 'ops', '--data-dir', dataDir, '--policy']
    const failed = await landfall(...create, 'AWSApplicationMigrationFullAccess', 'Unknown')
    assert.equal(failed.status, 4)
    const again = await landfall(...create, 'AWSApplicationMigrationFullAccess')
    assert.equal(again.status, 0, again.stderr)
  })

  await t.test('what the service refuses becomes an exit status and a sentence', async () => {
    const unknown = 's-0123456789abcdef0'
    for (const command of [['points', 'list'], ['preflight'], ['launch-plan'], ['promote']]) {
      const { status, stderr } = await landfall(...command, unknown, '--data-dir', dataDir)
      assert.equal(status, 4)
      assert.match(stderr, new RegExp(`^landfall: .*${unknown}`))
    }
  })

  await t.test('who changed what is listed, refused calls too', async () => {
    const audit = await installation.landfall('audit', '--action', 'iam:CreateUser')
    const lines = audit.trim().split('\n')
    assert.match(lines[0] ?? '', /^time +caller +from +action +result$/)
    assert.match(lines[1] ?? '', /administrator +127\.0\.0\.1 +iam:CreateUser +OK$/)
    assert.match(audit, /iam:CreateUser +conflict: User with name installer already exists\.$/m)
    const wrong = await landfall('audit', '--from', 'yesterday', '--data-dir', dataDir)
    assert.match(wrong.stderr, /yesterday is no time/)
  })

  await t.test('a webhook is set with a secret, shown, and ended', async () => {
    const set = await installation.landfall('webhook', '--url', 'http://127.0.0.1:9/')
    assert.match(set, /^The secret, shown this once: [\w-]{43}$/m)
    assert.match(await installation.landfall('webhook'), /^Events are posted to http:.*:9\/\.$/m)
    const ended = await installation.landfall('webhook', '--off')
    assert.equal(ended.trim(), 'Events are posted nowhere.')
  })

  await t.test('the inventory goes out to a file and comes in from it', async () => {
    const file = join(dataDir, 'servers.csv')
    const names = 'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework,mgn:app:name'
    await writeFile(file, `${names}\nweb-1,web-1.example.org,Shop\nweb-2,,Shop\n`)
    const wrong = await landfall('inventory', 'import', file, '--data-dir', dataDir)
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /^Row 3: A new source server needs mgn:server:fqdn/m)
    await writeFile(file, `${names}\nweb-1,web-1.example.org,Shop\n`)
    const imported = await installation.landfall('inventory', 'import', file)
    assert.match(imported, /^Source servers: 1 created, 0 modified; applications: 1 created/)
    const taken = await landfall('inventory', 'export', file, '--data-dir', dataDir)
    assert.match(taken.stderr, /servers\.csv exists: choose another name, or give --force/)
    const exported = await installation.landfall('inventory', 'export', file, '--force')
    assert.match(exported, /^Wrote 1 source servers, 1 applications and 0 waves to /)
    assert.match(await readFile(file, 'utf8'), /,web-1,web-1\.example\.org,Linux,/)
    assert.deepEqual(await readdir(join(dataDir, 'buckets', 'landfall-command-line')), [])
  })

  await t.test('a bucket store is set, and the inventory sent there by MGN’s calls', async () => {
    const secret = join(dataDir, 'secret.txt')
    await writeFile(secret, 'secret\n')
    const store = ['--endpoint', 'http://127.0.0.1:9', '--access-key-id', 'AKID']
    const set = await installation.landfall('buckets', ...store, '--secret-file', secret)
    assert.match(
      set,
      /^Buckets are at http:\/\/127\.0\.0\.1:9 \(us-east-1\), with the key AKID\.$/m,
    )
    const refused = await landfall('inventory', 'export', '/tmp/x.csv', '--data-dir', dataDir)
    assert.match(refused.stderr, /keep the file there, and use `aws mgn start-import`/)
    const folders = await installation.landfall('buckets', '--folders')
    assert.equal(folders.trim(), `Buckets are folders in ${join(dataDir, 'buckets')}.`)
  })

  await t.test('killed programs are started again', async () => {
    for (const name of ['service', 'staging']) {
      const before = await processOf(installation, name)
      process.kill(before, 'SIGKILL')
      await untilPasses(`${name} is started again`, async () =>
        assert.notEqual(await processOf(installation, name), before),
      )
    }
    await untilPasses('the service answers', async () => {
      await installation.landfall('status', '--json')
    })
  })

  await t.test('a killed supervisor’s installation is taken over by the next start', async () => {
    process.kill(await supervisorOf(installation), 'SIGKILL')
    await untilPasses('the next start', async () => {
      const next = await landfall('up', '--data-dir', dataDir, '--detach', ...ports)
      assert.equal(next.status, 0, next.stderr)
    })
    const status = JSON.parse(await installation.landfall('status', '--json')) as {
      initialized: boolean
    }
    assert.equal(status.initialized, true)
  })
})
