import { existsSync } from 'node:fs'
import type { AgentFiles } from '../agent-files.ts'
import type { AgentProcess } from './agent-process.ts'
import { DetachedAgent } from './detached-agent.ts'
import { SystemdAgent } from './systemd-agent.ts'

/** systemd where it is PID 1, else a loop of our own. */
export function chooseAgentProcess(files: AgentFiles): AgentProcess {
  return existsSync('/run/systemd/system') ? new SystemdAgent(files) : new DetachedAgent(files)
}
