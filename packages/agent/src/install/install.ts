import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, LandfallError, type InstallationAssets } from '@landfall/model'
import {
  agentFiles,
  DEFAULT_INSTALL_DIR,
  readJson,
  readSettings,
  type AgentFiles,
  type AgentStatus,
} from '../agent-files.ts'
import { diskIdentities } from '../replication/disk-identity.ts'
import { InstallerClient } from '../service-client/installer-client.ts'
import type { AgentProcess } from './agent-process.ts'
import { gatherAnswers, type InstallAnswers, type InstallFlags } from './answers.ts'
import type { MachineFacts } from './checks/machine.ts'
import { runChecks } from './checks/run-checks.ts'
import type { TracefsSurroundings } from './checks/tracefs.ts'
import { obtainClientCertificate } from './client-certificate.ts'
import { selectDisks, splitDevices, type DiskSelection } from './disk-selection.ts'
import { findDisks } from './disks.ts'
import { identifyMachine, type IdentitySources } from './machine-identity.ts'
import type { InstallOutput } from './output.ts'
import type { Prompter } from './prompter.ts'
import { putInPlace, removeOldProgram } from './put-in-place.ts'
import { collectSourceProperties } from './source-properties.ts'
import type { DiskSources } from '../block-devices.ts'

/** The agent's first answer from the service comes within a second or two of its start. */
const FIRST_POLL_MS_MAX = 90_000
const FIRST_POLL_CHECK_MS = 200
const LOG_LINES_SHOWN = 20

/** What the installer finds around it: the machine, the person, and the program it installs. */
export interface InstallSurroundings {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly prompter: Prompter
  readonly output: InstallOutput
  readonly diskSources: DiskSources
  readonly identitySources: IdentitySources
  readonly tracefs: TracefsSurroundings
  readonly facts: (installDir: string) => Promise<MachineFacts>
  readonly agentProcess: (files: AgentFiles) => AgentProcess
  /** Folder of the unpacked program. */
  readonly programDir: string
  readonly firstPollMsMax?: number
  /** Aborted by Ctrl-C: what was done is undone. */
  readonly signal: AbortSignal
}

/**
 * Installs the agent. Returns whether it did; says everything else on the output, in the order of
 * MGN's installer. A failure leaves nothing running and nothing behind, or the earlier agent as it
 * was.
 */
export async function install(
  flags: InstallFlags,
  surroundings: InstallSurroundings,
): Promise<boolean> {
  const { output, prompter, signal } = surroundings
  const stopAsking = () => prompter.close()
  signal.addEventListener('abort', stopAsking)
  try {
    output.started(surroundings.version)
    if (flags.s3Endpoint !== undefined) {
      output.line(
        'Note: --s3-endpoint has no meaning here: the service itself serves the software.',
      )
    }
    const answers = await gatherAnswers(flags, surroundings.env, prompter)
    const disks = await identifyDisks(flags, answers, surroundings)
    await installAs(answers, disks, surroundings)
    return true
  } catch (error) {
    output.failed(
      signal.aborted ? 'It was interrupted. Nothing was left behind.' : errorText(error),
    )
    return false
  } finally {
    signal.removeEventListener('abort', stopAsking)
    prompter.close()
  }
}

async function identifyDisks(
  flags: InstallFlags,
  answers: InstallAnswers,
  surroundings: InstallSurroundings,
): Promise<DiskSelection> {
  const { output, prompter, diskSources } = surroundings
  output.identifying()
  let wish = answers.disks
  if (flags.prompt && wish.paths.length === 0) {
    output.choices(await findDisks(diskSources))
    const text = await prompter.ask(
      'Disks to replicate (paths separated by commas; Enter for all): ',
    )
    wish = { ...wish, paths: splitDevices(text) }
  }
  const selection = await selectDisks(diskSources, wish)
  for (const disk of selection.disks) output.disk(disk)
  output.leftOut(selection.leftOut)
  if (selection.problems.length === 0) output.identified()
  return selection
}

async function installAs(
  answers: InstallAnswers,
  disks: DiskSelection,
  surroundings: InstallSurroundings,
): Promise<void> {
  const { output, signal } = surroundings
  const files = agentFiles(answers.installDir)
  const agent = surroundings.agentProcess(files)
  const client = new InstallerClient(answers)
  try {
    await checked(answers, disks, client, surroundings)
    signal.throwIfAborted()
    await using undo = new AsyncDisposableStack()
    const identified = await output.step('Downloading settings and certificate', () =>
      register({ answers, disks, client, files, surroundings }),
    )
    signal.throwIfAborted()
    await output.step('Installing the Landfall Replication Agent', () =>
      putInPlace({ ...identified, files, agent, programDir: surroundings.programDir }, undo),
    )
    await output.step('Syncing the source server with the service', () =>
      firstPoll(files, surroundings.firstPollMsMax ?? FIRST_POLL_MS_MAX, signal),
    )
    undo.move() // Done: nothing is to be undone any more.
    await removeOldProgram(files)
    if (agent.note !== undefined) output.line(`Note: ${agent.note}`)
    output.installed(identified.settings.sourceServerID)
  } finally {
    client.close()
  }
}

async function checked(
  answers: InstallAnswers,
  disks: DiskSelection,
  client: InstallerClient,
  surroundings: InstallSurroundings,
): Promise<InstallationAssets> {
  const { output, facts, tracefs } = surroundings
  const { installDir } = answers
  const { results, assets } = await runChecks({
    facts: await facts(installDir),
    installDir,
    client,
    tracefs,
    disks,
  })
  output.checks(results)
  const problems = results.flatMap((result) =>
    result.outcome === 'failed'
      ? result.problems.map((problem) => `  - ${result.name}: ${problem}`)
      : [],
  )
  if (problems.length > 0 || assets === undefined) {
    const count = problems.length === 1 ? 'A check' : `${problems.length} checks`
    throw new LandfallError(
      'validation',
      `${count} failed. Nothing was changed.\n${problems.join('\n')}`,
    )
  }
  return assets
}

/** Makes this machine known to the service; keeps its source server ID when it was known before. */
async function register(options: {
  answers: InstallAnswers
  disks: DiskSelection
  client: InstallerClient
  files: AgentFiles
  surroundings: InstallSurroundings
}) {
  const { answers, disks, client, files, surroundings } = options
  const { version, identitySources, diskSources } = surroundings
  const previous = await readSettings(files).catch(() => undefined) // Damaged: being replaced.
  const separate = answers.disks.force && answers.installDir !== DEFAULT_INSTALL_DIR
  const machine = await identifyMachine(identitySources, {
    ...(previous && { previous: previous.machine }),
    ...(separate && { separateBy: answers.installDir }),
  })
  const { sourceServerID } = await client.register({
    machineIdentity: machine.identity,
    sourceProperties: await collectSourceProperties(disks.disks),
    tags: answers.tags,
    ...(answers.userProvidedID === undefined ? {} : { userProvidedID: answers.userProvidedID }),
    noReplication: answers.noReplication,
    agentVersion: version,
  })
  const settings = {
    endpoint: answers.endpoint.href,
    ...(answers.proxy && { proxy: answers.proxy.href }),
    region: answers.region,
    sourceServerID,
    disks: disks.disks.map((disk) => disk.deviceName),
    diskIdentities: await diskIdentities(diskSources.sys, diskSources.dev),
    leftOut: disks.leftOut.flatMap(({ deviceNames }) => deviceNames),
    agentVersion: version,
    machine,
  }
  return { settings, identity: await obtainClientCertificate(client, sourceServerID) }
}

/** Returns when the started agent has had its first answer from the service. */
async function firstPoll(files: AgentFiles, msMax: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + msMax
  let status: AgentStatus | undefined
  while (Date.now() < deadline) {
    status = (await readJson(files.status).catch(() => undefined)) as AgentStatus | undefined
    if (status?.polledAt !== undefined) return
    await sleep(FIRST_POLL_CHECK_MS, undefined, { signal })
  }
  const log = await readFile(files.log, 'utf8').catch(() => '')
  const lastLines = log.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n')
  throw new LandfallError(
    'unavailable',
    `The installed agent got no answer from the service in ${msMax / 1000} s: ${status?.error ?? 'it did not start.'}\nIts log ends:\n${lastLines}`,
  )
}
