import { readFile } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { requireConfiguration } from '../installation/configuration.ts'
import { readCredentials } from '../installation/credentials.ts'
import { type DataPaths, pathsOf } from '../installation/data-directory.ts'
import { ServiceClient } from './service-client.ts'

/** A client of the installation in `dataDir`, as its administrator. Does not connect yet. */
export async function connect(dataDir: string): Promise<ServiceClient> {
  const paths = pathsOf(dataDir)
  const configuration = await requireConfiguration(paths)
  return new ServiceClient({
    port: configuration.port,
    region: configuration.region,
    credentials: await readCredentials(paths),
    caCertificatePem: await readCertificateAuthority(paths),
  })
}

async function readCertificateAuthority(paths: DataPaths): Promise<string> {
  try {
    return await readFile(paths.certificateAuthority, 'utf8')
  } catch (cause) {
    throw new LandfallError(
      'unavailable',
      `${paths.certificateAuthority} cannot be read: the service makes it on its first start ` +
        `(\`landfall up --data-dir ${paths.root}\`).`,
      { cause },
    )
  }
}
