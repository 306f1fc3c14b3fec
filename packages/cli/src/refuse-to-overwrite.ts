import { access } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'

/** For commands that write a file and have `--force`: `conflict` when it is there. */
export async function refuseToOverwrite(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new LandfallError('conflict', `${file} exists: choose another name, or give --force.`)
}
