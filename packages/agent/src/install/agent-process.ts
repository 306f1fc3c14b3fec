import { DEFAULT_INSTALL_DIR, type AgentFiles } from '../agent-files.ts'

/**
 * The agent gives way to what the server is there for: against one program of ordinary niceness
 * that wants a whole CPU it gets 3.5 % of it, by the scheduler's weights of 36 and 1024, which is
 * within the 5 % that replication may cost. The lowest, 19, would leave it 1.5 %: too little to
 * keep up with the writes of a busy server. The kernel derives the priority of its reads from the
 * same number (the lowest of `best-effort`). `supervise.sh` has the number too.
 */
export const AGENT_NICENESS = 15

/** How the installed agent is kept running. */
export interface AgentProcess {
  /** For the installer's output; undefined when there is nothing to know. */
  readonly note?: string
  /** Starts the agent and keeps it started. */
  start(): Promise<void>
  /** Ends the agent and returns when it is gone; true when there was one to end. */
  stop(): Promise<boolean>
  /** Lets nobody start the agent again. Does not end it: it may be the caller. */
  forget(): Promise<void>
}

/** The agent's arguments: how its process is told from others. */
export function agentArguments(files: AgentFiles): string[] {
  return ['run', '--install-dir', files.installDir]
}

/** Whether this is the one agent that goes by the plain names. */
export function isDefaultInstallation(files: AgentFiles): boolean {
  return files.installDir === DEFAULT_INSTALL_DIR
}
