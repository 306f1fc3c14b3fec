import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export interface Identity {
  readonly key: string
  readonly cert: string
}

/** A certificate for loopback that signs itself: by an authority that nobody here trusts. */
export async function selfSigned(): Promise<Identity> {
  return await inFolder(async (folder) => {
    const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    await run('openssl', ['req', '-x509', ...CURVE, ...name, ...filesOf(folder, 'cert')])
  })
}

/** A client certificate by the authority in `authorityDir` (ca.crt, ca.key), valid for a day. */
export async function issued(
  authorityDir: string,
  subject: { readonly unit: string; readonly name: string },
): Promise<Identity> {
  return await inFolder(async (folder) => {
    const name = ['-subj', `/OU=${subject.unit}/CN=${subject.name}`]
    await run('openssl', ['req', ...CURVE, ...name, ...filesOf(folder, 'request')])
    const extensions = join(folder, 'extensions')
    await writeFile(extensions, 'extendedKeyUsage=clientAuth\n')
    const [ca, caKey] = [join(authorityDir, 'ca.crt'), join(authorityDir, 'ca.key')]
    const serial = `0x${Math.floor(performance.now() * 1000).toString(16)}`
    const authority = ['-CA', ca, '-CAkey', caKey, '-set_serial', serial, '-days', '1']
    const files = ['-in', join(folder, 'request'), '-out', join(folder, 'cert')]
    await run('openssl', ['x509', '-req', ...authority, ...files, '-extfile', extensions])
  })
}

function filesOf(folder: string, output: string): string[] {
  return ['-keyout', join(folder, 'key'), '-out', join(folder, output)]
}

async function inFolder(make: (folder: string) => Promise<void>): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-identity-'))
  try {
    await make(folder)
    return {
      key: await readFile(join(folder, 'key'), 'utf8'),
      cert: await readFile(join(folder, 'cert'), 'utf8'),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
