import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeFileAtomic, type AgentFiles } from '../agent-files.ts'
import {
  AGENT_NICENESS,
  agentArguments,
  isDefaultInstallation,
  type AgentProcess,
} from './agent-process.ts'

const UNIT_FOLDER = '/etc/systemd/system'

const run = promisify(execFile)

/** The agent as a systemd service. */
export class SystemdAgent implements AgentProcess {
  readonly #files: AgentFiles
  readonly #unit: string

  constructor(files: AgentFiles) {
    this.#files = files
    this.#unit = unitName(files)
  }

  async start(): Promise<void> {
    await writeFileAtomic(join(UNIT_FOLDER, this.#unit), systemdUnit(this.#files), 0o644)
    await run('systemctl', ['daemon-reload'])
    await run('systemctl', ['enable', '--quiet', this.#unit])
    await run('systemctl', ['restart', this.#unit])
  }

  async stop(): Promise<boolean> {
    const show = ['show', '--property=ActiveState', '--value', this.#unit]
    const state = (await run('systemctl', show)).stdout.trim()
    // Also "activating": waiting to be started again after a failure.
    const wasActive = state !== 'inactive' && state !== 'failed'
    if (wasActive) await run('systemctl', ['stop', this.#unit])
    return wasActive
  }

  async forget(): Promise<void> {
    // Fails when the unit is not there, which is what is wanted.
    await run('systemctl', ['disable', '--quiet', this.#unit]).catch(() => undefined)
    await rm(join(UNIT_FOLDER, this.#unit), { force: true })
    await run('systemctl', ['daemon-reload'])
  }
}

/** One unit per install directory, the usual one under the plain name. */
function unitName(files: AgentFiles): string {
  if (isDefaultInstallation(files)) return 'landfall-agent.service'
  const suffix = createHash('sha256').update(files.installDir).digest('hex').slice(0, 8)
  return `landfall-agent-${suffix}.service`
}

/**
 * The unit. Restarted after every failure and kill, for ever; an exit with 0 is the agent's own
 * end.
 *
 * - The program is started through sh because SELinux forbids systemd to execute files in /var/lib.
 * - KillMode=process: the process that thaws frozen filesystems must outlive the agent by a moment.
 * - The state in /run outlives a stop, so that the next start needs no rescan.
 * - Nice, and nothing more: for a CPUWeight or an IOWeight in one unit systemd has the kernel share
 *   CPUs or disks between all units instead of all threads, which would change how the server's own
 *   services get on with each other. An IOSchedulingPriority would stay low while filesystems are
 *   frozen; without one it follows the niceness, which the agent raises meanwhile.
 */
export function systemdUnit(files: AgentFiles): string {
  return `[Unit]
Description=Landfall replication agent
Wants=network-online.target
After=network-online.target local-fs.target
StartLimitIntervalSec=0

[Service]
ExecStart=/bin/sh ${files.launcher} ${agentArguments(files).join(' ')}
Restart=on-failure
RestartSec=2
Nice=${AGENT_NICENESS}
KillMode=process
TimeoutStopSec=90
RuntimeDirectory=landfall-agent
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
UMask=0077

[Install]
WantedBy=multi-user.target
`
}
