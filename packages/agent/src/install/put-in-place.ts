import { chmod, mkdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LandfallError } from '@landfall/model'
import {
  readSettings,
  writeFileAtomic,
  type AgentFiles,
  type AgentSettings,
} from '../agent-files.ts'
import type { AgentProcess } from './agent-process.ts'
import type { ClientIdentity } from './client-certificate.ts'
import { stopAndDispose } from './uninstall.ts'

export interface Placement {
  readonly files: AgentFiles
  readonly settings: AgentSettings
  readonly identity: ClientIdentity
  /**
   * Folder of the unpacked program; becomes `bin`. Must be on the install directory's filesystem.
   */
  readonly programDir: string
  readonly agent: AgentProcess
}

/**
 * Stops an agent that is there, puts program, settings and keys in their places and starts the
 * agent. Everything done is written to `undo` beforehand: disposing of it removes what was made and
 * brings back, running, what was there.
 */
export async function putInPlace(placement: Placement, undo: AsyncDisposableStack): Promise<void> {
  const { files, settings, identity, agent } = placement
  await makeInstallDir(files, undo)
  await stopPrevious(placement, undo)
  await replaceProgram(placement, undo)
  await replaceFile(files.settings, JSON.stringify(settings, null, 2), undo)
  await replaceFile(files.key, identity.keyPem, undo)
  await replaceFile(files.certificate, identity.certificatePem, undo)
  await replaceFile(files.ca, identity.caPem, undo)
  await replaceFile(files.uninstallScript, uninstallScript(files), undo, 0o700)
  // What an earlier agent, or a conversion, left: this machine is a source server from now on.
  const { status, configuration, instance, instanceReported, commands } = files
  for (const path of [status, configuration, instance, instanceReported, commands]) {
    await rm(path, { recursive: true, force: true })
  }
  const hadLog = await exists(files.log)
  undo.defer(async () => {
    await agent.stop()
    await agent.forget()
    const made = [files.status, files.configuration, ...(hadLog ? [] : [files.log])]
    for (const path of made) await rm(path, { force: true })
  })
  await agent.start()
}

async function makeInstallDir(files: AgentFiles, undo: AsyncDisposableStack): Promise<void> {
  await mkdir(dirname(files.installDir), { recursive: true })
  undo.defer(() => removeIfEmpty(files.installDir))
  await mkdir(files.installDir, { recursive: true, mode: 0o700 })
  await chmod(files.installDir, 0o700)
}

async function stopPrevious(placement: Placement, undo: AsyncDisposableStack): Promise<void> {
  const { files, settings, agent } = placement
  const previous = await readSettings(files).catch(() => undefined) // Damaged: being replaced.
  const isSameServer = previous?.sourceServerID === settings.sourceServerID
  // The tracking of a source server that this machine no longer is would stay for ever.
  const wasRunning = isSameServer ? await agent.stop() : await stopAndDispose(files, agent)
  if (wasRunning) undo.defer(() => agent.start())
}

async function replaceProgram(placement: Placement, undo: AsyncDisposableStack): Promise<void> {
  const { files, programDir } = placement
  const old = `${files.bin}.old`
  await rm(old, { recursive: true, force: true })
  const existed = await exists(files.bin)
  if (existed) await rename(files.bin, old)
  undo.defer(async () => {
    await rm(files.bin, { recursive: true, force: true })
    if (existed) await rename(old, files.bin)
  })
  try {
    await rename(programDir, files.bin)
  } catch (error) {
    throw new LandfallError('internal', `The program cannot be moved to ${files.bin}.`, {
      cause: error,
    })
  }
}

/** Once the new agent runs: what was kept in case it would not. */
export async function removeOldProgram(files: AgentFiles): Promise<void> {
  await rm(`${files.bin}.old`, { recursive: true, force: true })
}

async function replaceFile(
  path: string,
  content: string,
  undo: AsyncDisposableStack,
  mode = 0o600,
): Promise<void> {
  const before = await readFile(path).catch(() => undefined)
  undo.defer(async () => {
    if (before === undefined) await rm(path, { force: true })
    else await writeFileAtomic(path, before, mode)
  })
  await writeFileAtomic(path, content, mode)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch {
    // Holds something that is not ours to remove.
  }
}

function uninstallScript(files: AgentFiles): string {
  return `#!/bin/sh
# Removes the Landfall replication agent from this machine. Run as root; again does nothing.
[ -e '${files.launcher}' ] || { echo 'The agent is not installed.'; exit 0; }
exec sh '${files.launcher}' uninstall --install-dir '${files.installDir}'
`
}
