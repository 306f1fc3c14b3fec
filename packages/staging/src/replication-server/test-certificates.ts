import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface TestIdentity {
  readonly keyPem: string
  readonly certificatePem: string
  readonly caPem: string
}

/** A certificate authority for a test, by the openssl program. */
export class TestAuthority implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async create(): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'ca-'))
    const files = ['-keyout', join(folder, 'ca.key'), '-out', join(folder, 'ca.crt')]
    await run('openssl', ['req', '-x509', ...EC_KEY, ...files, '-subj', '/CN=test CA'])
    return new TestAuthority(folder)
  }

  async issue(unit: string, name: string): Promise<TestIdentity> {
    const [key, request, certificate, extensions] = ['key', 'csr', 'crt', 'ext'].map((ending) =>
      join(this.#folder, `${name}.${ending}`),
    ) as [string, string, string, string]
    const subject = `/OU=${unit}/CN=${name}`
    await run('openssl', ['req', ...EC_KEY, '-keyout', key, '-out', request, '-subj', subject])
    await writeFile(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    const authority = ['-CA', join(this.#folder, 'ca.crt'), '-CAkey', join(this.#folder, 'ca.key')]
    const output = ['-out', certificate, '-extfile', extensions, '-CAcreateserial']
    await run('openssl', ['x509', '-req', '-in', request, ...authority, ...output])
    return {
      keyPem: await readFile(key, 'utf8'),
      certificatePem: await readFile(certificate, 'utf8'),
      caPem: await readFile(join(this.#folder, 'ca.crt'), 'utf8'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
