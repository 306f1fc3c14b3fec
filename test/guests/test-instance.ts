import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Job,
  DescribeJobLogItemsCommand,
  DescribeJobsCommand,
  StartCutoverCommand,
  StartTestCommand,
} from '@aws-sdk/client-mgn'
import { runProgram } from '@landfall/launch'
import type { Installation } from '../installation.ts'
import { UNLOCK } from './source-guest.ts'

const JOB_DEADLINE_MS = 1_800_000
const BOOT_DEADLINE_MS = 900_000
const POLL_MS = 1000
const TERMINAL_MS = 3000

/** The login prompt of a getty on the serial line: `name login: `. */
const LOGIN_PROMPT = /login: /

interface LaunchOptions {
  readonly installation: Installation
  readonly signal: AbortSignal
  readonly log: (message: string) => void
  /** Called, maybe more than once, when the point is taken: the source is not needed then. */
  readonly onPoint?: () => Promise<void>
}

export interface Launched {
  readonly instanceID: string
  readonly pointSeconds: number
  readonly conversionSeconds: number
  readonly launchedAt: number
}

/** Starts a test and returns when its instance runs; a job that fails is told with its log. */
export async function launchTest(
  sourceServerID: string,
  options: LaunchOptions,
): Promise<Launched> {
  options.log('launching a test instance')
  const client = await options.installation.client()
  const { job } = await client.send(new StartTestCommand({ sourceServerIDs: [sourceServerID] }))
  return await untilLaunched(job, options)
}

/** The same for a cutover. */
export async function launchCutover(
  sourceServerID: string,
  options: LaunchOptions,
): Promise<Launched> {
  options.log('launching a cutover instance')
  const client = await options.installation.client()
  const { job } = await client.send(new StartCutoverCommand({ sourceServerIDs: [sourceServerID] }))
  return await untilLaunched(job, options)
}

async function untilLaunched(job: Job | undefined, options: LaunchOptions): Promise<Launched> {
  const client = await options.installation.client()
  const jobID = job?.jobID ?? ''
  const deadline = Date.now() + JOB_DEADLINE_MS
  for (;;) {
    const { items: [now] = [] } = await client.send(
      new DescribeJobsCommand({ filters: { jobIDs: [jobID] } }),
    )
    const { items = [] } = await client.send(new DescribeJobLogItemsCommand({ jobID }))
    if (items.some(({ event }) => event === 'CONVERSION_START')) await options.onPoint?.()
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

/**
 * Returns once the agent in the instance has reported its first boot, and there is a login prompt
 * on the serial console. Answers what a guest of LUKS asks there.
 */
export async function untilUp(
  { instanceID, sourceServerID }: { readonly instanceID: string; readonly sourceServerID: string },
  { installation, signal, log }: LaunchOptions,
): Promise<void> {
  log(`booting ${instanceID}`)
  const files = join(installation.dataDir, 'instances', instanceID)
  const hasBooted = async () =>
    (await installation.sourceServer(sourceServerID)).launchedInstance?.firstBoot === 'SUCCEEDED'
  const serialLog = () => readFile(join(files, 'serial.log'), 'latin1').catch(() => '')
  const deadline = Date.now() + BOOT_DEADLINE_MS
  let isUnlocked = false
  for (;;) {
    const said = await serialLog()
    if (!isUnlocked && UNLOCK.pattern.test(said)) {
      await typeIntoConsole(instanceID, UNLOCK.answer)
      isUnlocked = true
    }
    if (LOGIN_PROMPT.test(said) && (await hasBooted())) return
    if (Date.now() > deadline) {
      const picture = join(files, 'screenshot.png')
      throw new Error(
        `${instanceID} is not up. Its screen: ${picture}; its console: ${said.slice(-800)}`,
      )
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** Types a line at the serial console, as an operator does with `virsh console`. */
async function typeIntoConsole(instanceID: string, line: string): Promise<void> {
  const uri = ['-c', 'qemu:///system']
  const terminal = await runProgram('virsh', [...uri, 'ttyconsole', `landfall-${instanceID}`])
  await using console = await open(terminal.trim(), 'r+')
  // QEMU looks once a second whether somebody is there, and takes nothing from one who has left.
  await sleep(TERMINAL_MS)
  await console.write(`${line}\r`)
  await sleep(TERMINAL_MS)
}
