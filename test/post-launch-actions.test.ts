import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AwsCommandLine } from './aws-command-line.ts'
import { eventually } from './eventually.ts'
import { InstanceAgent } from './instance-agent.ts'
import { Installation } from './installation.ts'

/**
 * Actions on a cutover instance, as an operator sees them: the real service, the real agent, the
 * AWS command line and Landfall's, and this machine in the place of a guest (see InstanceAgent).
 * What a launch itself does for them is tested beside the service's code.
 */

const DEADLINE_MS = 120_000

const until = (what: string, holds: () => Promise<boolean>) =>
  eventually(what, DEADLINE_MS, async () => (await holds()) || undefined)

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** A server of the inventory: what the installer of an agent would have made. */
async function importServer(installation: Installation, folder: string): Promise<string> {
  const file = join(folder, 'servers.csv')
  const columns = ['mgn:server:user-provided-id', 'mgn:server:fqdn-for-action-framework']
  await writeFile(file, `${columns.join()}\nshop,shop.example.org\n`)
  await installation.landfall('inventory', 'import', file)
  const status = JSON.parse(await installation.landfall('status', '--json')) as {
    sourceServers: { sourceServerID: string }[]
  }
  return status.sourceServers[0]?.sourceServerID ?? ''
}

/** A document of one script, in a file as the AWS command line wants it. */
async function documentFile(folder: string, name: string, script: string): Promise<string> {
  const step = { action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [script] } }
  const path = join(folder, `${name}.json`)
  await writeFile(path, JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] }))
  return `file://${path}`
}

test('an action that must succeed and fails blocks the cutover until it was run again', async (t) => {
  await using installation = await Installation.start()
  const folder = await mkdtemp(join(tmpdir(), 'landfall-actions-'))
  t.after(() => rm(folder, { recursive: true }))
  const aws = await AwsCommandLine.of(installation)
  const server = await importServer(installation, folder)
  await using agent = await InstanceAgent.create(installation, { cutoverOf: server })
  const actions = (...args: string[]) => installation.landfall('actions', ...args)
  const finalize = () => aws.mgn('finalize-cutover', '--source-server-id', server)
  const [counted, gate] = [join(folder, 'counted'), join(folder, 'gate')]

  await t.test('actions are predefined, or documents of SSM', async () => {
    assert.match(
      await actions('predefined'),
      /^AWSMigration-VerifyMountedVolumes {2}\(order 401\)/m,
    )
    await actions('add', server, 'AWSMigration-ValidateDiskSpace', 'MinimumFreeMiB=1')
    await actions('add', server, 'Landfall-VerifyProcesses', 'ProcessNames=sh')
    const wait = `until [ -e ${gate} ]; do sleep 0.1; done`
    const script = `echo run >>${counted}; ${wait}; echo the shop is closed >&2; exit 3`
    const content = await documentFile(folder, 'first', script)
    const document = ['--name', 'CheckShop', '--document-type', 'Command']
    await aws.ssm('create-document', ...document, '--content', content)
    const file = join(folder, 'action.json')
    const action = {
      actionID: 'shop',
      actionName: 'The shop is open',
      documentIdentifier: 'CheckShop',
      documentVersion: '$LATEST',
      order: 1001,
      mustSucceedForCutover: true,
    }
    await writeFile(file, JSON.stringify(action))
    await actions('put', server, file)
    const list = await actions('list', server)
    assert.match(list, /^402 .*\n405 .*\n1001 {3}shop {2}.* CheckShop .* yes {5}yes .* 3600 s\n/m)
    assert.match(list, /They run after the launch of a test or a cutover instance/)
  })

  await t.test(
    'they run once the instance has booted, each once though all is killed',
    async () => {
      const ids = ['AWSMigration-ValidateDiskSpace', 'Landfall-VerifyProcesses', 'shop']
      await actions('rerun', server, ...ids)
      await assert.rejects(finalize(), /ConflictException.* has not ended on instance/s)
      agent.start()
      await until('the action begins', () => isThere(counted))
      const pid = await readFile(join(installation.dataDir, 'run', 'service.pid'), 'utf8')
      process.kill(Number(/\d+/.exec(pid)?.[0]), 'SIGKILL')
      await writeFile(gate, '')
      await until('all have ended', async () =>
        /shop +FAILED/.test(await actions('results', server)),
      )
      assert.equal(await readFile(counted, 'utf8'), 'run\n')
      const results = await actions('results', server, '--output')
      assert.match(results, /AWSMigration-ValidateDiskSpace {2}SUCCEEDED/)
      assert.match(results, /Landfall-VerifyProcesses +SUCCEEDED/)
      assert.match(results, /stdout \| \/: \d+ MiB are free/)
      assert.match(results, /shop failed: Exit status 3\. the shop is closed/)
    },
  )

  await t.test('the cutover is not finalised, and the reason is said', async () => {
    await assert.rejects(finalize(), (error: Error) => {
      assert.match(error.message, /ConflictException/)
      assert.match(error.message, /The shop is open, which has to succeed for the cutover/)
      assert.match(error.message, new RegExp(`failed on instance ${agent.instanceID}`))
      assert.match(error.message, /Exit status 3\. the shop is closed/)
      assert.match(error.message, new RegExp(`landfall actions rerun ${server} 'shop'`))
      return true
    })
    await assert.rejects(actions('results', server, '--wait'), /Failed on .*: shop/)
  })

  await t.test('put right and run again it passes, and the cutover is finalised', async () => {
    const content = await documentFile(folder, 'second', 'echo the shop is open')
    const latest = ['--document-version', '$LATEST']
    await aws.ssm('update-document', '--name', 'CheckShop', '--content', content, ...latest)
    const results = await actions('rerun', server, '--wait', '--output')
    assert.match(results, /shop +SUCCEEDED +yes +2 /)
    assert.match(results, /stdout \| the shop is open/)
    await finalize()
  })

  await t.test('then the agent removes itself from the instance', async () => {
    await until('the agent has ended', () => Promise.resolve(agent.hasEnded))
    assert.equal(await isThere(agent.folder), false)
    assert.match(await actions('results', server), /Its agent removed itself at 2/)
    const { InstanceInformationList: list } = await aws.ssm<{ InstanceInformationList: object[] }>(
      'describe-instance-information',
    )
    assert.deepEqual(list, [])
  })
})
