import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { InstallerClient } from '../service-client/installer-client.ts'

export interface ClientIdentity {
  readonly keyPem: string
  readonly certificatePem: string
  readonly caPem: string
}

/** A new key that never leaves this machine, and the service's certificate for its public half. */
export async function obtainClientCertificate(
  client: InstallerClient,
  sourceServerID: string,
): Promise<ClientIdentity> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const issued = await client.issueCertificate({
    sourceServerID,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  })
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificatePem: issued.certificatePem,
    caPem: issued.caCertificatePem,
  }
}
