import { LandfallError } from '@landfall/model'
import type { DataPaths } from './data-directory.ts'
import { readJsonFile } from './json-file.ts'

/** `credentials.json`: the administrator's access key, readable by root only. */
export interface Credentials {
  readonly userName: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * The administrator's access key; `unavailable` before the first start, `access_denied` for others.
 */
export async function readCredentials(paths: DataPaths): Promise<Credentials> {
  let found
  try {
    found = await readJsonFile(paths.credentials)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') throw cause
    throw new LandfallError(
      'access_denied',
      `${paths.credentials} can be read by root only: run this command as root.`,
      { cause },
    )
  }
  if (found !== undefined) return found as Credentials
  throw new LandfallError(
    'unavailable',
    `${paths.credentials} does not exist: the service writes it on its first start ` +
      `(\`landfall up --data-dir ${paths.root}\`).`,
  )
}
