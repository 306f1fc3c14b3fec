import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chown, mkdir, readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import path from 'node:path'
import { newId } from '@landfall/model'
import { writeDurably } from '../durable-file.ts'
import {
  CertificateAuthority,
  type CertificateIdentity,
  type KeyPair,
} from './certificate-authority.ts'

export interface CertificateFiles {
  readonly authority: CertificateAuthority
  /** For the service's own TLS. */
  readonly service: KeyPair
  /** The name in the local replication server's certificate. */
  readonly replicationServerID: string
}

/** Server certificates are replaced when less than this is left of them. */
const RENEW_BEFORE_MS = 60 * 24 * 60 * 60 * 1000

/** Where a client on the same machine, and QEMU's user networking, finds us. */
const LOCAL_ADDRESSES = ['localhost', '127.0.0.1', '10.0.2.2']

const CERTIFICATE_MODE = 0o644
const SECRET_MODE = 0o600

/**
 * Brings `folder` up to date: an authority on the first start; certificates for the service and for
 * the replication server, made again when the addresses changed or the end is near. The replication
 * server's key belongs to the owner of `stagingOwner`, who runs it, once that path exists.
 */
export async function prepareCertificates(options: {
  folder: string
  addresses: readonly string[]
  /** A path whose owner reads the replication server's key. */
  stagingOwner: string
  now: () => Date
}): Promise<CertificateFiles> {
  const { folder, now } = options
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const addresses = [...new Set([...options.addresses, ...LOCAL_ADDRESSES])]
  const root =
    (await readPair(folder, 'ca')) ??
    (await writePair(folder, 'ca', CertificateAuthority.create(now)))
  const authority = await CertificateAuthority.load(root, now)
  const ensure = async (file: string, identity: CertificateIdentity) => {
    const found = await readPair(folder, file)
    if (found !== undefined && serves(found, { authority, identity, addresses, now: now() }))
      return found
    return await writePair(folder, file, authority.issueServerCertificate(identity, addresses))
  }
  const service = await ensure('service', { role: 'service', name: 'landfall' })
  const replicationServerID =
    (await commonName(path.join(folder, 'staging.crt'))) ?? newId('replicationServer')
  await ensure('staging', { role: 'replication-server', name: replicationServerID })
  const owner = await stat(options.stagingOwner).catch(() => undefined)
  if (owner !== undefined) await chown(path.join(folder, 'staging.key'), owner.uid, owner.gid)
  return { authority, service, replicationServerID }
}

/** Whether the pair was made by our authority for that name and these addresses, and lasts. */
function serves(
  pair: KeyPair,
  wanted: {
    authority: CertificateAuthority
    identity: CertificateIdentity
    addresses: readonly string[]
    now: Date
  },
): boolean {
  const certificate = new X509Certificate(pair.certificatePem)
  const names = certificate.subjectAltName?.split(', ') ?? []
  const covers = (address: string) =>
    isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)
  return (
    wanted.authority.verifies(pair.certificatePem) &&
    certificate.checkPrivateKey(createPrivateKey(pair.privateKeyPem)) &&
    certificate.subject.split('\n').includes(`CN=${wanted.identity.name}`) &&
    names.length === wanted.addresses.length &&
    wanted.addresses.every(covers) &&
    certificate.validToDate.getTime() - wanted.now.getTime() > RENEW_BEFORE_MS
  )
}

async function commonName(certificateFile: string): Promise<string | undefined> {
  const pem = await readFile(certificateFile, 'utf8').catch(() => undefined)
  if (pem === undefined) return undefined
  return /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1]
}

async function readPair(folder: string, file: string): Promise<KeyPair | undefined> {
  try {
    return {
      certificatePem: await readFile(path.join(folder, `${file}.crt`), 'utf8'),
      privateKeyPem: await readFile(path.join(folder, `${file}.key`), 'utf8'),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The key first: a certificate whose key is missing counts as not made. */
async function writePair(folder: string, file: string, made: Promise<KeyPair>): Promise<KeyPair> {
  const pair = await made
  await writeDurably(path.join(folder, `${file}.key`), pair.privateKeyPem, { mode: SECRET_MODE })
  await writeDurably(path.join(folder, `${file}.crt`), pair.certificatePem, {
    mode: CERTIFICATE_MODE,
  })
  return pair
}
