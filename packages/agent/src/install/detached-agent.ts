import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJson, type AgentFiles, type AgentStatus } from '../agent-files.ts'
import { agentArguments, type AgentProcess } from './agent-process.ts'

/** A clean stop drains what it can first; after this the agent is killed. */
const STOP_MS_MAX = 60_000
const STOP_POLL_MS = 100

/** systemd's own default. */
const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The agent under a shell loop that starts it again when it fails: where systemd is not PID 1. */
export class DetachedAgent implements AgentProcess {
  readonly note: string
  readonly #files: AgentFiles

  constructor(files: AgentFiles) {
    this.#files = files
    this.note =
      'systemd is not running here: the agent was started detached and does not start by itself ' +
      `after a reboot. Start it then with: sh ${files.supervisor} ${files.installDir} &`
  }

  async start(): Promise<void> {
    const { supervisor, installDir } = this.#files
    const child = spawn('/bin/sh', [supervisor, installDir], {
      cwd: '/',
      detached: true,
      stdio: 'ignore',
      // The installer's environment may hold its credentials: the agent gets none of it.
      env: { PATH: PROGRAM_PATH },
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
  }

  async stop(): Promise<boolean> {
    const pids = await this.#processes()
    for (const pid of pids) signalProcess(pid, 'SIGTERM')
    const deadline = Date.now() + STOP_MS_MAX
    while ((await this.#processes()).length > 0) {
      if (Date.now() > deadline) {
        for (const pid of await this.#processes()) signalProcess(pid, 'SIGKILL')
      }
      await sleep(STOP_POLL_MS)
    }
    await rm(this.#files.supervisorPid, { force: true })
    return pids.length > 0
  }

  async forget(): Promise<void> {
    // The loop ends with the agent's own good end; nothing else would start it.
  }

  /** The loop, and the agent itself should the loop have been killed; never this process. */
  async #processes(): Promise<number[]> {
    const { supervisor, supervisorPid, status, installDir } = this.#files
    const loop = Number(await readFile(supervisorPid, 'utf8').catch(() => ''))
    const agent = (await readJson(status).catch(() => undefined)) as AgentStatus | undefined
    const found: number[] = []
    if (await hasArguments(loop, [supervisor, installDir])) found.push(loop)
    const own = agentArguments(this.#files)
    if (agent && agent.pid !== process.pid && (await hasArguments(agent.pid, own))) {
      found.push(agent.pid)
    }
    return found
  }
}

/** Whether the process exists and ends its command line so: its number may be another's by now. */
async function hasArguments(pid: number, last: readonly string[]): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.endsWith(`\0${last.join('\0')}\0`)
}

function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile, which is what was wanted.
  }
}
