import { readdir } from 'node:fs/promises'
import { LibvirtProvider } from '@landfall/launch'
import { errorText, isId } from '@landfall/model'
import { stopInstallation } from '../down/stop-installation.ts'
import { pathsOf } from '../installation/data-directory.ts'
import { ensureSystemUser } from '../installation/system-user.ts'
import type { Scene } from './scene.ts'

/** Ends what the demo's installation has running: its instances, then its programs. */
export async function endInstallation({ context, dataDir }: Scene): Promise<void> {
  // An interrupted demo cleans up as well: not with its aborted signal.
  const signal = new AbortController().signal
  await endInstances(dataDir, (text) => context.output.note(text))
  await stopInstallation(dataDir, { ...context, signal })
}

/**
 * Each instance has a folder; there is no other list that holds those of this installation only.
 */
async function endInstances(dataDir: string, note: (text: string) => void): Promise<void> {
  const paths = pathsOf(dataDir)
  const names = await readdir(paths.instances).catch(() => [])
  const instanceIDs = names.filter((name) => isId('instance', name))
  if (instanceIDs.length === 0) return
  const owner = await ensureSystemUser(note)
  const { instances: instancesDir, images: imagesDir } = paths
  const provider = new LibvirtProvider({ instancesDir, imagesDir, owner })
  for (const instanceID of instanceIDs) {
    await provider.terminate(instanceID).catch((error: unknown) => {
      note(`Instance ${instanceID} could not be ended: ${errorText(error)}`)
    })
  }
}
