import { rm, rmdir, writeFile } from 'node:fs/promises'
import { readSettings, trackingOf, type AgentFiles } from '../agent-files.ts'
import type { AgentProcess } from './agent-process.ts'

/** Removes what tracking leaves behind in the kernel and in /run when no agent runs to do it. */
export type RemoveTracking = (options: {
  sourceServerID: string
  stateDir: string
}) => Promise<void>

/**
 * Stops the agent and removes everything the installer and the agent made. A second call finds
 * nothing and is fine. True when there was something to remove.
 */
export async function uninstall(options: {
  files: AgentFiles
  agent: AgentProcess
  removeTracking: RemoveTracking
}): Promise<boolean> {
  const { files, agent, removeTracking } = options
  // Damaged settings: removed all the same.
  const settings = await readSettings(files).catch(() => undefined)
  const wasRunning = await stopAndDispose(files, agent)
  if (settings !== undefined) await removeTracking(trackingOf(settings))
  await removeInstallation(files, agent)
  return wasRunning || settings !== undefined
}

/** The running agent's own uninstallation, its last act before it ends. */
export async function uninstallFromWithin(options: {
  files: AgentFiles
  agent: AgentProcess
  removeTracking: RemoveTracking
}): Promise<void> {
  const { files, agent, removeTracking } = options
  const settings = await readSettings(files).catch(() => undefined)
  if (settings !== undefined) await removeTracking(trackingOf(settings))
  await removeInstallation(files, agent)
}

/** Stops the agent, which on this occasion also disposes of its tracking. True when one ran. */
export async function stopAndDispose(files: AgentFiles, agent: AgentProcess): Promise<boolean> {
  try {
    await writeFile(files.uninstalling, '{}')
  } catch {
    return agent.stop() // No install directory: nothing can be running from it.
  }
  try {
    return await agent.stop()
  } finally {
    await rm(files.uninstalling, { force: true })
  }
}

/** Removes unit and files, and the directory when nothing else is in it. Ends no process. */
async function removeInstallation(files: AgentFiles, agent: AgentProcess): Promise<void> {
  await agent.forget()
  const { installDir, launcher, supervisor, ...removable } = files
  void [launcher, supervisor] // Inside bin.
  for (const path of [...Object.values(removable), `${files.bin}.old`]) {
    await rm(path, { recursive: true, force: true })
  }
  try {
    await rmdir(installDir)
  } catch {
    // Gone already, or holds something that is not ours.
  }
}
