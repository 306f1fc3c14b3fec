import { mkdir, mkdtemp, rm, writeFile, copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../test/installation.ts'

/** The curve of our own certificates, so that a handshake costs both the same. */
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Certificates for NBD over TLS, in folders as QEMU and libnbd want them. */
export class PeerCertificates implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Server and client certificates; the server's is for these IP addresses. */
  static async create(addresses: readonly string[]): Promise<PeerCertificates> {
    const folder = await mkdtemp(join(tmpdir(), 'landfall-peer-tls-'))
    const certificates = new PeerCertificates(folder)
    const authority = ['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')]
    await run('openssl', ['req', '-x509', ...KEY, ...authority, '-subj', '/CN=bench authority'])
    const names = addresses.map((address) => `IP:${address}`).join(',')
    await certificates.#issue('server', [`subjectAltName=${names}`, 'extendedKeyUsage=serverAuth'])
    await certificates.#issue('client', ['extendedKeyUsage=clientAuth'])
    return certificates
  }

  get server(): string {
    return join(this.#folder, 'server')
  }

  get client(): string {
    return join(this.#folder, 'client')
  }

  async #issue(role: 'server' | 'client', extensions: readonly string[]): Promise<void> {
    const folder = join(this.#folder, role)
    await mkdir(folder)
    const [request, extensionFile] = [join(this.#folder, 'csr'), join(this.#folder, 'ext')]
    const key = ['-keyout', join(folder, `${role}-key.pem`)]
    await run('openssl', ['req', ...KEY, ...key, '-out', request, '-subj', `/CN=bench ${role}`])
    await writeFile(extensionFile, ['basicConstraints=CA:FALSE', ...extensions, ''].join('\n'))
    const ca = join(this.#folder, 'ca.crt')
    const authority = ['-CA', ca, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial']
    const output = ['-out', join(folder, `${role}-cert.pem`), '-extfile', extensionFile]
    await run('openssl', ['x509', '-req', '-in', request, ...authority, ...output])
    await copyFile(ca, join(folder, 'ca-cert.pem'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}
