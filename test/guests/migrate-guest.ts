import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteSourceServerCommand,
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  DisconnectFromServiceCommand,
  StartTestCommand,
  TerminateTargetInstancesCommand,
} from '@aws-sdk/client-mgn'
import { installAgent, type MachineDisk, SourceMachine } from '@landfall/cli'
import { type Accelerator, runProgram } from '@landfall/launch'
import { freePort, type Installation } from '../installation.ts'
import { buildGuest } from './build-guest.ts'
import type { GuestCell } from './cell.ts'
import { PASSPHRASE } from './guest-layout.ts'
import { hardwareOf } from './hardware.ts'
import { Instance } from './instance.ts'

const SYNC_DEADLINE_MS = 1_200_000
const JOB_DEADLINE_MS = 1_800_000
const BOOT_DEADLINE_MS = 900_000
const POLL_MS = 1000

export interface LandedGuest {
  readonly cell: GuestCell
  readonly kernel: string
  /** The disks that the root is on and the network interface, as the instance's kernel has them. */
  readonly target: string
  readonly seconds: Readonly<Record<'sync' | 'point' | 'conversion' | 'boot', number>>
  /** What the conversion did about the initial ramdisk. */
  readonly conversion: string
  readonly screenshot: Buffer
}

export interface MigrateOptions {
  readonly installation: Installation
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly cacheDir: string
  readonly accelerator: Accelerator
  readonly signal: AbortSignal
  readonly log: (message: string) => void
}

/**
 * Migrates a cell's server by the real path: built, booted on its own hardware, replicated by its
 * agent, converted, launched as a test instance. It has landed when the agent in it reports and
 * there is a login prompt on its serial console. Leaves nothing in the installation.
 */
export async function migrateGuest(cell: GuestCell, options: MigrateOptions): Promise<LandedGuest> {
  const folder = await mkdtemp('/var/tmp/landfall-guest-')
  try {
    await using source = await bootSource(cell, folder, options)
    const replicated = await replicate(cell, source, { ...options, folder })
    // Its point is there then, and two guests at once take twice the time.
    const onPoint = () => source[Symbol.asyncDispose]()
    const launched = await launch(replicated.sourceServerID, { ...options, onPoint })
    const landed = await land(cell, { ...launched, ...replicated }, options)
    await discard(replicated.sourceServerID, options)
    const { pointSeconds: point, conversionSeconds: conversion } = launched
    const seconds = { sync: replicated.syncSeconds, point, conversion, boot: landed.bootSeconds }
    return { cell, seconds, ...landed }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function bootSource(cell: GuestCell, folder: string, options: MigrateOptions) {
  const { accelerator, signal, log } = options
  log('building')
  const guest = await buildGuest(cell, options)
  log('booting the source')
  return await SourceMachine.boot({
    image: { path: guest.disks[0] ?? '', sshKeyPath: guest.sshKeyPath },
    moreDisks: await overlays(guest.disks.slice(1), folder),
    hardware: hardwareOf(cell),
    ...(cell.layout === 'luks' && { question: UNLOCK }),
    folder,
    sshPort: await freePort(),
    accelerator,
    signal,
    onProgress: () => undefined,
  })
}

/** Installs the agent and returns when all is replicated. */
async function replicate(
  cell: GuestCell,
  machine: SourceMachine,
  options: MigrateOptions & { readonly folder: string },
) {
  const { installation, key, folder, signal, log } = options
  // The target's firmware is not to find it: it stood for a variable of the source's.
  await machine.run('rm -f /boot/efi/startup.nsh; sync', { signal })
  log('installing the agent')
  const sourceServerID = await installAgent(machine, {
    port: installation.port,
    region: (await installation.administrator()).region,
    key,
    caCertificatePem: await readFile(installation.caFile, 'utf8'),
    signal,
  })
  if (cell.layout === 'luks') {
    const file = join(folder, 'passphrase')
    await writeFile(file, `${PASSPHRASE}\n`, { mode: 0o600 })
    await installation.landfall('disk-keys', 'add', sourceServerID, '--from', file)
  }
  const startedAt = Date.now()
  log('replicating')
  await installation.untilContinuous(sourceServerID, SYNC_DEADLINE_MS)
  return { sourceServerID, syncSeconds: secondsSince(startedAt) }
}

async function overlays(disks: readonly string[], folder: string): Promise<MachineDisk[]> {
  const made: MachineDisk[] = []
  for (const [index, base] of disks.entries()) {
    const path = join(folder, `more-${index}.qcow2`)
    await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, path])
    made.push({ path, format: 'qcow2' })
  }
  return made
}

interface Launched {
  readonly instanceID: string
  readonly pointSeconds: number
  readonly conversionSeconds: number
  readonly launchedAt: number
}

/** Starts a test and returns when its instance runs; a job that fails is told with its log. */
async function launch(
  sourceServerID: string,
  options: MigrateOptions & { readonly onPoint: () => Promise<void> },
): Promise<Launched> {
  options.log('launching a test instance')
  const client = await options.installation.client()
  const { job } = await client.send(new StartTestCommand({ sourceServerIDs: [sourceServerID] }))
  const jobID = job?.jobID ?? ''
  const deadline = Date.now() + JOB_DEADLINE_MS
  for (;;) {
    const { items: [now] = [] } = await client.send(
      new DescribeJobsCommand({ filters: { jobIDs: [jobID] } }),
    )
    const { items = [] } = await client.send(new DescribeJobLogItemsCommand({ jobID }))
    if (items.some(({ event }) => event === 'CONVERSION_START')) await options.onPoint()
    if (now?.status === 'COMPLETED') {
      const [server] = now.participatingServers ?? []
      const instanceID = server?.launchedEc2InstanceID
      if (server?.launchStatus !== 'LAUNCHED' || instanceID === undefined) {
        throw new Error(`The launch failed: ${JSON.stringify(items, null, 1)}`)
      }
      const at = (event: string) =>
        Date.parse(items.findLast((item) => item.event === event)?.logDateTime ?? '')
      return {
        instanceID,
        pointSeconds: (at('SNAPSHOT_END') - at('SNAPSHOT_START')) / 1000,
        conversionSeconds: (at('CONVERSION_END') - at('CONVERSION_START')) / 1000,
        launchedAt: at('JOB_END'),
      }
    }
    if (Date.now() > deadline) throw new Error(`${jobID} has not ended: ${JSON.stringify(items)}`)
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
}

/** Waits until it is up, and looks into it. */
async function land(
  cell: GuestCell,
  launched: Launched & { readonly sourceServerID: string },
  options: MigrateOptions,
) {
  const { installation, log } = options
  const { instanceID, launchedAt, sourceServerID } = launched
  log(`booting ${instanceID}`)
  const files = join(installation.dataDir, 'instances', instanceID)
  const hasBooted = async () =>
    (await installation.sourceServer(sourceServerID)).launchedInstance?.firstBoot === 'SUCCEEDED'
  const serialLog = () => readFile(join(files, 'serial.log'), 'latin1').catch(() => '')
  const deadline = Date.now() + BOOT_DEADLINE_MS
  let isUnlocked = cell.layout !== 'luks'
  for (;;) {
    const said = await serialLog()
    if (!isUnlocked && UNLOCK.pattern.test(said)) {
      await typeIntoConsole(instanceID, UNLOCK.answer)
      isUnlocked = true
    }
    if (LOGIN_PROMPT.test(said) && (await hasBooted())) break
    if (Date.now() > deadline) {
      const picture = join(files, 'screenshot.png')
      throw new Error(
        `${instanceID} is not up. Its screen: ${picture}; its console: ${said.slice(-800)}`,
      )
    }
    await sleep(POLL_MS, undefined, { signal: options.signal })
  }
  const bootSeconds = (Date.now() - launchedAt) / 1000
  const instance = await Instance.of(installation, instanceID)
  const [kernel = '', target = ''] = (await instance.run(LOOK_INSIDE)).split('\n')
  return {
    kernel,
    target,
    bootSeconds,
    conversion: await conversionOf(installation, instanceID),
    screenshot: await readFile(join(files, 'screenshot.png')),
  }
}

/** The login prompt of a getty on the serial line: `name login: `. */
const LOGIN_PROMPT = /login: /

/** Kernel; then the disk of the root, and the interface that has the default route. */
const LOOK_INSIDE = `
uname -r
root=$(findmnt -n -o SOURCE / | sed 's#\\[.*##')
disks=$(lsblk -n -s -l -o NAME,TYPE "$root" | awk '$2 == "disk" { printf "%s ", $1 }')
echo "$disks$(ip -o route get 10.0.2.2 | sed 's/.* dev \\([^ ]*\\).*/\\1/')"
`

const UNLOCK = { pattern: /unlock disk|passphrase for/i, answer: PASSPHRASE }

/** Types a line at the serial console, as an operator does with `virsh console`. */
async function typeIntoConsole(instanceID: string, line: string): Promise<void> {
  const uri = ['-c', 'qemu:///system']
  const terminal = await runProgram('virsh', [...uri, 'ttyconsole', `landfall-${instanceID}`])
  await writeFile(terminal.trim(), `${line}\r`)
}

/** What the conversion says of the initial ramdisk. */
async function conversionOf(installation: Installation, instanceID: string): Promise<string> {
  const log = await readFile(join(installation.dataDir, 'logs', 'staging.log'), 'utf8')
  const lines = log.split('\n').filter((line) => line.includes(instanceID))
  if (lines.some((line) => line.includes('virt-v2v'))) return 'virt-v2v'
  if (lines.some((line) => line.includes('made anew'))) return 'new ramdisk'
  return lines.some((line) => line.includes('stays as it is')) ? 'as it was' : '?'
}

/** Takes the instance and the server out of the installation: the next needs the room. */
async function discard(
  sourceServerID: string,
  { installation, signal }: MigrateOptions,
): Promise<void> {
  const client = await installation.client()
  const { job } = await client.send(
    new TerminateTargetInstancesCommand({ sourceServerIDs: [sourceServerID] }),
  )
  for (;;) {
    const filters = { jobIDs: [job?.jobID ?? ''] }
    const { items: [now] = [] } = await client.send(new DescribeJobsCommand({ filters }))
    if (now?.status === 'COMPLETED') break
    await sleep(POLL_MS, undefined, { signal })
  }
  await client.send(new DisconnectFromServiceCommand({ sourceServerID }))
  await client.send(new DeleteSourceServerCommand({ sourceServerID }))
}

function secondsSince(startedAt: number): number {
  return (Date.now() - startedAt) / 1000
}
