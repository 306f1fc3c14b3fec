// Wanted by x509's dependency injection, and before it.
import 'reflect-metadata'
import {
  createPublicKey,
  randomBytes,
  webcrypto,
  X509Certificate as NodeCertificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import { LandfallError } from '@landfall/model'
import * as x509 from '@peculiar/x509'

/** What a certificate is for; the word stands in its OU. */
export type CertificateRole = 'service' | 'agent' | 'replication-server'

export interface CertificateIdentity {
  readonly role: CertificateRole
  /** The common name: source server ID, replication server ID, or `landfall`. */
  readonly name: string
}

export interface KeyPair {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const DAY_MS = 24 * 60 * 60 * 1000
const CA_DAYS = 20 * 365
/** Under the 398 days that clients accept of a server. */
const SERVER_DAYS = 397
/** Agents do not renew by themselves: longer than any migration, shorter than the CA. */
const CLIENT_DAYS = 10 * 365
/** A source server's clock may be behind ours. */
const BACKDATE_MS = DAY_MS

const CA_NAME = 'Landfall certificate authority'

/** The private certificate authority of one installation. */
export class CertificateAuthority {
  readonly caCertificatePem: string
  readonly #certificate: x509.X509Certificate
  readonly #privateKey: webcrypto.CryptoKey
  readonly #now: () => Date

  private constructor(
    certificate: x509.X509Certificate,
    privateKey: webcrypto.CryptoKey,
    now: () => Date,
  ) {
    this.caCertificatePem = certificate.toString('pem')
    this.#certificate = certificate
    this.#privateKey = privateKey
    this.#now = now
  }

  /** A new authority's certificate and key. */
  static async create(now: () => Date): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: [CA_NAME] }],
      ...validity(now(), CA_DAYS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return {
      certificatePem: certificate.toString('pem'),
      privateKeyPem: await privateKeyPem(keys.privateKey),
    }
  }

  static async load(pair: KeyPair, now: () => Date): Promise<CertificateAuthority> {
    const der = x509.PemConverter.decodeFirst(pair.privateKeyPem)
    const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
    return new CertificateAuthority(new x509.X509Certificate(pair.certificatePem), key, now)
  }

  /** A server certificate with a key of its own, for every one of `addresses` (names and IPs). */
  async issueServerCertificate(
    identity: CertificateIdentity,
    addresses: readonly string[],
  ): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const certificatePem = await this.#issue(identity, keys.publicKey, {
      days: SERVER_DAYS,
      // The replication server is a client of the service, too.
      usages: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
      addresses,
    })
    return { certificatePem, privateKeyPem: await privateKeyPem(keys.privateKey) }
  }

  /** Binds an agent's public key to its source server ID. Throws `validation` for a bad key. */
  async issueAgentCertificate(request: {
    sourceServerID: string
    publicKeyPem: string
  }): Promise<{ certificatePem: string; caCertificatePem: string }> {
    const publicKey = await importPublicKey(request.publicKeyPem)
    const certificatePem = await this.#issue(
      { role: 'agent', name: request.sourceServerID },
      publicKey,
      { days: CLIENT_DAYS, usages: [x509.ExtendedKeyUsage.clientAuth], addresses: [] },
    )
    return { certificatePem, caCertificatePem: this.caCertificatePem }
  }

  /** Whether we signed the certificate and it is valid now. */
  verifies(certificatePem: string): boolean {
    const certificate = new NodeCertificate(certificatePem)
    const now = this.#now()
    return (
      certificate.verify(new NodeCertificate(this.caCertificatePem).publicKey) &&
      certificate.validFromDate <= now &&
      now < certificate.validToDate
    )
  }

  async #issue(
    identity: CertificateIdentity,
    publicKey: webcrypto.CryptoKey,
    options: { days: number; usages: x509.ExtendedKeyUsage[]; addresses: readonly string[] },
  ): Promise<string> {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ OU: [identity.role] }, { CN: [identity.name] }],
      issuer: this.#certificate.subjectName,
      ...validity(this.#now(), options.days),
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: this.#privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(options.usages),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ...(options.addresses.length === 0 ? [] : [alternativeNames(options.addresses)]),
      ],
    })
    return certificate.toString('pem')
  }
}

function alternativeNames(addresses: readonly string[]): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension(
    addresses.map((value) => ({ type: isIP(value) !== 0 ? 'ip' : 'dns', value })),
  )
}

function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  }
}

/** RFC 5280 wants a positive number of at most 20 bytes; 16 random ones do not repeat. */
function serialNumber(): string {
  return `00${randomBytes(16).toString('hex')}`
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function importPublicKey(pem: string): Promise<webcrypto.CryptoKey> {
  try {
    const der = createPublicKey(pem).export({ format: 'der', type: 'spki' })
    return await webcrypto.subtle.importKey('spki', der, ALGORITHM, true, ['verify'])
  } catch (cause) {
    const message =
      'publicKeyPem must be an elliptic curve key (P-256), SubjectPublicKeyInfo in PEM'
    throw new LandfallError('validation', message, {
      cause,
      fields: [{ name: 'publicKeyPem', message }],
    })
  }
}
