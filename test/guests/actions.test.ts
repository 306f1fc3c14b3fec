import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { detectAccelerator, runProgram } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { AwsCommandLine } from '../aws-command-line.ts'
import { eventually } from '../eventually.ts'
import { Installation } from '../installation.ts'
import { CELLS } from './cell.ts'
import { Instance } from './instance.ts'
import { CACHE_DIR } from './run-cells.ts'
import { bootSource, replicate } from './source-guest.ts'
import { launchCutover, launchTest, untilUp } from './test-instance.ts'

/**
 * A real guest from its rehearsal to the day the agent leaves it: the predefined actions within a
 * test instance, and one that must succeed and fails on the cutover instance.
 */

/** Has several volumes to verify, and a ramdisk that stays as it is. */
const CELL = CELLS.find(({ name }) => name === 'trixie-separate-virtio-scsi')!

const REHEARSAL_DEADLINE_MS = 1_800_000
const REMOVAL_DEADLINE_MS = 300_000
const STOP_DEADLINE_MS = 120_000
/** An emulated guest takes its time to remove a hundred MiB; ext4 writes that down after 5 s. */
const REMOVED_MS = 90_000

/** What the shop's action looks for on the instance. */
const OPEN = '/srv/shop-is-open'

interface Rehearsals {
  readonly rehearsals: readonly {
    readonly verdict: string
    readonly detail?: string
    readonly screenshotPath?: string
    readonly serialLogPath?: string
  }[]
}

test('a guest is rehearsed, checked, held back by an action, and left by its agent', async (t) => {
  const { signal } = t
  const folder = await mkdtemp('/var/tmp/landfall-actions-')
  t.after(() => rm(folder, { recursive: true }))
  await using installation = await Installation.start('/var/tmp')
  const { accelerator } = await detectAccelerator({ signal })
  const log = (message: string) => t.diagnostic(message)
  const options = { installation, accelerator, cacheDir: CACHE_DIR, signal, log }
  const key = await createInstallerKey(installation)
  await using source = await bootSource(CELL, folder, options)
  const server = await replicate(CELL, source, { ...options, key, folder })
  const aws = await AwsCommandLine.of(installation)
  const actions = (...args: string[]) => installation.landfall('actions', ...args)
  const lifeCycle = async () => (await installation.sourceServer(server)).lifeCycle?.state
  let cutover = ''

  await t.test('a rehearsal boots it, and leaves nothing but what it saw', async () => {
    await installation.landfall('rehearsal', server, '--now')
    const rehearsal = await eventually('the rehearsal', REHEARSAL_DEADLINE_MS, async () => {
      const seen = await installation.landfall('rehearsal', server, '--json')
      const [last] = (JSON.parse(seen) as Rehearsals).rehearsals
      return last?.verdict === 'RUNNING' ? undefined : last
    })
    assert.equal(rehearsal.verdict, 'BOOTED', rehearsal.detail ?? '')
    assert.notEqual((await readFile(rehearsal.serialLogPath ?? '')).length, 0)
    const screen = await readFile(rehearsal.screenshotPath ?? '')
    assert.equal(screen.subarray(1, 4).toString(), 'PNG')
    assert.equal(await lifeCycle(), 'READY_FOR_TEST')
    assert.deepEqual((await aws.ec2<{ Reservations: [] }>('describe-instances')).Reservations, [])
  })

  await t.test('what is predefined looks at the guest itself', async () => {
    const add = (name: string, ...values: string[]) => actions('add', server, name, ...values)
    await add('Landfall-RemoveGuestAgents')
    await add('AWSMigration-VerifyMountedVolumes', 'Volumes=/var', 'Volumes=/boot')
    await add('AWSMigration-ValidateDiskSpace', 'Paths=/', 'Paths=/var', 'MinimumFreeMiB=50')
    await add('Landfall-VerifyTags', 'ExpectedTags=role=shop')
    await add('Landfall-VerifyProcesses', 'ProcessNames=sshd')
    await add('Landfall-VerifyConnectivity', 'Targets=127.0.0.1:22')
    // Nothing keeps time on it, and its network leads nowhere.
    await add('Landfall-VerifyTimeSync', 'WaitSeconds=1')
    await add('Landfall-VerifyHTTPResponse', 'Urls=http://127.0.0.1:81/', 'WaitSeconds=1')
    const configure = ['update-launch-configuration', '--source-server-id', server, '--copy-tags']
    await aws.mgn(...configure, '--post-launch-actions', 'deployment=TEST_AND_CUTOVER')
    const { arn } = await installation.sourceServer(server)
    await aws.mgn('tag-resource', '--resource-arn', arn ?? '', '--tags', 'role=shop')
    const { instanceID } = await launchTest(server, options)
    await untilUp({ instanceID, sourceServerID: server }, options)
    await assert.rejects(actions('results', server, '--wait'), /Failed on /)
    const results = await actions('results', server, '--output')
    log(results)
    for (const name of [
      ...['AWSMigration-VerifyMountedVolumes', 'AWSMigration-ValidateDiskSpace'],
      ...['Landfall-RemoveGuestAgents', 'Landfall-VerifyTags', 'Landfall-VerifyProcesses'],
      'Landfall-VerifyConnectivity',
    ]) {
      assert.match(results, new RegExp(`${name} +SUCCEEDED`))
    }
    assert.match(results, /Landfall-VerifyTimeSync +FAILED/)
    assert.match(results, /Landfall-VerifyHTTPResponse +FAILED/)
  })

  await t.test('one that must succeed and fails holds the cutover back', async () => {
    for (const name of ['Landfall-VerifyTimeSync', 'Landfall-VerifyHTTPResponse']) {
      await actions('remove', server, name)
    }
    const script = `test -e ${OPEN} || { echo the shop is closed >&2; exit 3; }`
    const step = { action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [script] } }
    const content = JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] })
    const document = ['--name', 'CheckShop', '--document-type', 'Command']
    await aws.ssm('create-document', ...document, '--content', content)
    const file = join(folder, 'action.json')
    await writeFile(
      file,
      JSON.stringify({
        actionID: 'shop',
        actionName: 'The shop is open',
        documentIdentifier: 'CheckShop',
        order: 1001,
        mustSucceedForCutover: true,
      }),
    )
    await actions('put', server, file)
    await actions('add', server, 'AWS-CreateImage')
    const state = ['--life-cycle', 'state=READY_FOR_CUTOVER']
    await aws.mgn('change-server-life-cycle-state', '--source-server-id', server, ...state)
    cutover = (await launchCutover(server, options)).instanceID
    await untilUp({ instanceID: cutover, sourceServerID: server }, options)
    await assert.rejects(actions('results', server, '--wait'), /Failed on .*: shop/)
    await assert.rejects(
      aws.mgn('finalize-cutover', '--source-server-id', server),
      /ConflictException[^]*The shop is open, which has to succeed[^]*the shop is closed/,
    )
    assert.equal(await lifeCycle(), 'CUTTING_OVER')
    assert.match(await actions('results', server), /AWS-CreateImage +SUCCEEDED/)
    assert.match(await installation.landfall('images', 'list'), /ami-[0-9a-f]{17} +AVAILABLE/)
  })

  await t.test('put right on the instance and run again, it lets it pass', async () => {
    await (await Instance.of(installation, cutover)).run(`mkdir -p /srv; touch ${OPEN}`)
    assert.match(await actions('rerun', server, '--wait'), /shop +SUCCEEDED/)
    await aws.mgn('finalize-cutover', '--source-server-id', server)
    assert.equal(await lifeCycle(), 'CUTOVER')
  })

  await t.test(
    'then the agent leaves, and what stays on the disk is what the instance lives by',
    async () => {
      await eventually('the agent leaves', REMOVAL_DEADLINE_MS, async () =>
        /Its agent removed itself/.test(await actions('results', server)) ? true : undefined,
      )
      await sleep(REMOVED_MS)
      await aws.ec2('stop-instances', '--instance-ids', cutover, '--force')
      await eventually('the instance stops', STOP_DEADLINE_MS, async () => {
        const one = ['--instance-ids', cutover, '--query', 'Reservations[0].Instances[0].State']
        const { Name } = await aws.ec2<{ Name: string }>('describe-instances', ...one)
        return Name === 'stopped' ? true : undefined
      })
      const file = join(folder, 'cutover.qcow2')
      await installation.landfall(
        ...['instances', 'export', cutover, '--disk', '/dev/sda', '--to', file],
      )
      const find = 'find / /boot /var -xdev -path "*landfall*" -prune -print | sort; ls /srv'
      const look = ['--ro', '-a', file, '-i', 'sh', find]
      const found = await runProgram('guestfish', look, {
        signal,
        environment: {
          LIBGUESTFS_BACKEND: 'direct',
          LIBGUESTFS_BACKEND_SETTINGS: accelerator === 'tcg' ? 'force_tcg' : '',
        },
      })
      assert.deepEqual(found.trim().split('\n'), [
        '/etc/netplan/90-landfall.yaml',
        '/etc/systemd/network/10-landfall.link',
        // What the operator fetched to install the agent.
        '/root/landfall-replication-installer-init',
        '/var/lib/landfall-originals',
        'shop-is-open',
      ])
    },
  )
})
