import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { errorText, LandfallError } from '@landfall/model'
import { CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { agentFiles } from './agent-files.ts'
import { AgentLog } from './agent-log.ts'
import { createProgram } from './command-line.ts'
import type { LookAtGuest } from './guest/guest-watch.ts'
import { lookInChild, type LookerProgram } from './guest/look-in-child.ts'
import { lookAtGuest, type KnownRamdisk } from './guest/look.ts'
import type { InstallFlags } from './install/answers.ts'
import { readMachineFacts } from './install/checks/machine.ts'
import { KERNEL_TRACEFS } from './install/checks/tracefs.ts'
import { chooseAgentProcess } from './install/choose-agent-process.ts'
import { KERNEL_DISK_SOURCES } from './block-devices.ts'
import { install } from './install/install.ts'
import { KERNEL_IDENTITY_SOURCES } from './install/machine-identity.ts'
import { InstallOutput } from './install/output.ts'
import { TerminalPrompter } from './install/prompter.ts'
import { removeTracking } from './install/remove-tracking.ts'
import { uninstall, uninstallFromWithin } from './install/uninstall.ts'
import { readInstanceIdentity, runInstance } from './instance/instance-mode.ts'
import { startReplicator } from './replicator.ts'
import { runAgent } from './run.ts'
import { giveWay, raisedPriority } from './running/priority.ts'

/** A crash is written to the log before the end, but a frozen disk must not keep the process. */
const LAST_WORDS_MS_MAX = 1000

// The launcher's answer to a system without libatomic is for node alone, not for its children.
const nodeEnvironment = { ...process.env }
if (process.env['LD_LIBRARY_PATH'] === join(dirname(process.execPath), 'lib')) {
  delete process.env['LD_LIBRARY_PATH']
}

/** This program once more, to look at the server: its heap holds no more than a few files. */
const looker: LookerProgram = {
  command: process.execPath,
  args: ['--max-semi-space-size=2', '--max-old-space-size=64', process.argv[1] ?? '', 'look'],
  environment: nodeEnvironment,
}

const program = createProgram({
  install: async (flags) => {
    process.exitCode = (await installHere(flags)) ? 0 : 1
  },
  run: runHere,
  look: lookHere,
  uninstall: uninstallHere,
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    process.stderr.write(`${errorText(error)}\n`)
    process.exitCode = 1
  }
}

async function installHere(flags: InstallFlags): Promise<boolean> {
  const output = new InstallOutput((text) => process.stdout.write(text))
  const programDir = process.env['LANDFALL_AGENT_PROGRAM']
  if (programDir === undefined) {
    output.failed(
      'This is the program inside the installer. Run landfall-replication-installer-init.',
    )
    return false
  }
  const abort = new AbortController()
  process.on('SIGINT', () => abort.abort())
  process.on('SIGTERM', () => abort.abort())
  return install(flags, {
    signal: abort.signal,
    version: manifest.version,
    env: process.env,
    prompter: new TerminalPrompter(process.stdin, process.stdout),
    output,
    diskSources: KERNEL_DISK_SOURCES,
    identitySources: KERNEL_IDENTITY_SOURCES,
    tracefs: KERNEL_TRACEFS,
    facts: readMachineFacts,
    agentProcess: chooseAgentProcess,
    programDir,
  })
}

async function uninstallHere(installDir: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new LandfallError('access_denied', 'Uninstalling needs root. Use sudo.')
  }
  const files = agentFiles(installDir)
  const removed = await uninstall({ files, agent: chooseAgentProcess(files), removeTracking })
  process.stdout.write(
    removed ? 'The Landfall Replication Agent was removed.\n' : 'The agent is not installed.\n',
  )
}

/** The daemon. Exits with 0 when it came to its own end, so that nothing starts it again. */
async function runHere(installDir: string): Promise<void> {
  giveWay()
  const files = agentFiles(installDir)
  const log = new AgentLog({ path: files.log, olderPath: files.olderLog })
  const stop = new AbortController()
  process.on('SIGTERM', () => stop.abort())
  process.on('SIGINT', () => stop.abort())
  process.on('uncaughtException', (error) => void crash(log, error))
  const { signal } = stop
  const look: LookAtGuest = (known) => lookInChild(looker, known, signal)
  try {
    const identity = await readInstanceIdentity(files)
    const end =
      identity === undefined
        ? await runAgent({ files, startReplicator, lookAtGuest: look, log, signal })
        : await runInstanceHere({ files, identity, log, signal })
    if (end !== 'stopped') {
      await uninstallFromWithin({ files, agent: chooseAgentProcess(files), removeTracking })
    }
    process.exit(0)
  } catch (error) {
    if (signal.aborted) process.exit(0)
    await crash(log, error)
  }
}

async function lookHere(): Promise<void> {
  const known = JSON.parse(await text(process.stdin)) as KnownRamdisk | null
  process.stdout.write(JSON.stringify(await lookAtGuest(known ?? undefined)))
}

async function runInstanceHere(options: Parameters<typeof runInstance>[0]) {
  // What it runs there is the instance's own business, and no burden to it.
  using _priority = raisedPriority()
  return await runInstance(options)
}

async function crash(log: AgentLog, error: unknown): Promise<void> {
  log.log(`The agent ends by an error: ${error instanceof Error ? error.stack : String(error)}`)
  setTimeout(() => process.exit(1), LAST_WORDS_MS_MAX)
  await log.flush()
  process.exit(1)
}
