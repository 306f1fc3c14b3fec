import { readFile, stat } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import { found } from '../not-found.ts'

/**
 * What an instance's screen shows, and shows no more: where it does not run, the picture that was
 * kept before its first boot was told. `not_found` without any.
 */
export async function screenshotOf(
  { db, provider, instances, now }: OperationDependencies,
  instanceID: string,
): Promise<object> {
  const row = await db
    .selectFrom('instances')
    .select('state')
    .where('instance_id', '=', instanceID)
    .executeTakeFirst()
  const { state } = found(row, 'Instance', instanceID)
  const isThere = state === 'RUNNING' || state === 'STOPPED'
  if (isThere && (await provider.describe(instanceID)).state === 'running') {
    return view(await provider.screenshot(instanceID), now(), true)
  }
  const file = instances.filesOf(instanceID).screenshotPath
  try {
    return view(await readFile(file), (await stat(file)).mtime, false)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const message = `Instance ${instanceID} does not run, and no picture of its screen was kept.`
    throw new LandfallError('not_found', message, {
      resource: { resourceId: instanceID, resourceType: 'Instance' },
    })
  }
}

function view(png: Buffer, takenAt: Date, isLive: boolean): object {
  return { imageData: png.toString('base64'), takenDateTime: takenAt.toISOString(), isLive }
}
