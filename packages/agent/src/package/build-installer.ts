import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'
import { LandfallError } from '@landfall/model'
import { build, stop } from 'esbuild'
import manifest from '../../package.json' with { type: 'json' }
import { DEFAULT_INSTALL_DIR } from '../agent-files.ts'
import { helpText } from '../command-line.ts'
import { GLIBC_NEEDED, RAM_MIB_NEEDED, SPACE_MIB_TO_UNPACK } from '../install/requirements.ts'

const FILE_NAME = 'landfall-replication-installer-init'

/** Where distributions keep the one library node needs that minimal systems lack. */
const LIBATOMIC_PATHS = [
  '/usr/lib/x86_64-linux-gnu/libatomic.so.1',
  '/usr/lib64/libatomic.so.1',
  '/usr/lib/libatomic.so.1',
  '/lib/x86_64-linux-gnu/libatomic.so.1',
]

const run = promisify(execFile)

export interface BuiltInstaller {
  /** The self-extracting installer: what source servers download and run. */
  readonly path: string
  /** Its SHA-512 in the format of sha512sum. */
  readonly sha512Path: string
  readonly version: string
}

/**
 * Builds the agent's installer into `outputDir`, or finds it built from the same inputs already.
 * Both files are replaced in one step each; a reader never sees a part.
 */
export async function buildInstaller(options: { outputDir: string }): Promise<BuiltInstaller> {
  const { outputDir } = options
  const path = join(outputDir, FILE_NAME)
  const built = { path, sha512Path: `${path}.sha512`, version: manifest.version }
  await mkdir(outputDir, { recursive: true })
  const inputs = await gatherInputs()
  const inputsPath = join(outputDir, `.${FILE_NAME}.inputs`)
  if (await isBuilt(built, inputsPath, inputs.hash)) return built
  const folder = await mkdtemp(join(tmpdir(), 'landfall-installer-'))
  try {
    const payload = await packPayload(inputs, folder)
    await rm(inputsPath, { force: true })
    await assemble(built, inputs.stub, payload)
    await writeFile(inputsPath, inputs.hash)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return built
}

interface Inputs {
  readonly bundle: string
  readonly scripts: readonly { readonly name: string; readonly content: string }[]
  readonly stub: string
  readonly nodePath: string
  readonly libatomicPath: string
  /** Over all of the above, and the version. */
  readonly hash: string
}

async function gatherInputs(): Promise<Inputs> {
  const here = import.meta.dirname
  const nodePath = await findNode()
  const [bundle, launcher, supervise, stub, libatomicPath] = await Promise.all([
    bundleAgent(),
    readFile(join(here, 'landfall-agent.sh'), 'utf8'),
    readFile(join(here, 'supervise.sh'), 'utf8'),
    fillStub(),
    findLibatomic(),
  ])
  const scripts = [
    { name: 'landfall-agent', content: launcher },
    { name: 'supervise', content: supervise },
  ]
  const hash = createHash('sha512')
  hash.update(JSON.stringify([manifest.version, bundle, scripts, stub]))
  for (const file of [nodePath, libatomicPath]) {
    const { size, mtimeMs } = await stat(file)
    hash.update(JSON.stringify([file, size, mtimeMs]))
  }
  return { bundle, scripts, stub, nodePath, libatomicPath, hash: hash.digest('hex') }
}

/** The agent as one file of JavaScript. */
async function bundleAgent(): Promise<string> {
  const result = await build({
    entryPoints: [join(import.meta.dirname, '..', 'main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    legalComments: 'inline',
    // Some dependencies are CommonJS and call require, which ES modules do not have.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  })
  // Its process would otherwise stay as long as ours, which for the supervisor is for ever.
  await stop()
  const output = result.outputFiles[0]
  if (output === undefined) throw new LandfallError('internal', 'The bundler made no file')
  return output.text
}

/** The project's own Node: one of a distribution is linked to libraries that others lack. */
async function findNode(): Promise<string> {
  const manifestPath = createRequire(import.meta.url).resolve('node/package.json')
  const path = join(dirname(manifestPath), 'bin', 'node')
  return (await exists(path)) ? path : process.execPath
}

async function findLibatomic(): Promise<string> {
  for (const path of LIBATOMIC_PATHS) {
    if (await exists(path)) return path
  }
  throw new LandfallError(
    'unavailable',
    'libatomic.so.1, which goes into the agent, was not found. Install it: apt-get install libatomic1',
  )
}

async function fillStub(): Promise<string> {
  const template = await readFile(join(import.meta.dirname, 'stub.sh'), 'utf8')
  const text = template
    .replaceAll('@VERSION@', manifest.version)
    .replaceAll('@DEFAULT_INSTALL_DIR@', DEFAULT_INSTALL_DIR)
    .replaceAll('@GLIBC@', GLIBC_NEEDED)
    .replaceAll('@RAM_MIB@', String(RAM_MIB_NEEDED))
    .replaceAll('@SPACE_MIB@', String(SPACE_MIB_TO_UNPACK))
    .replaceAll('@HELP@', () => helpText().trimEnd())
  const lines = text.split('\n').length // The text ends with a line break: the payload is next.
  return text.replaceAll('@PAYLOAD_LINE@', String(lines))
}

async function packPayload(inputs: Inputs, folder: string): Promise<string> {
  const content = join(folder, 'content')
  await mkdir(join(content, 'lib'), { recursive: true })
  await stripNode(inputs.nodePath, join(content, 'node'))
  await copyFile(inputs.libatomicPath, join(content, 'lib', 'libatomic.so.1'))
  await writeFile(join(content, 'agent.mjs'), inputs.bundle)
  await writeFile(join(content, 'VERSION'), `${manifest.version}\n`)
  for (const { name, content: text } of inputs.scripts) {
    await writeFile(join(content, name), text, { mode: 0o755 })
  }
  const tar = join(folder, 'payload.tar')
  const sameEachTime = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  await run('tar', [...sameEachTime, '-cf', tar, '-C', content, '.'])
  const payload = join(folder, 'payload.tar.gz')
  await pipeline(createReadStream(tar), createGzip(), createWriteStream(payload))
  return payload
}

/** A fifth of node is symbols; without binutils the installer is that much larger. */
async function stripNode(from: string, to: string): Promise<void> {
  try {
    await run('strip', ['-o', to, from])
  } catch {
    await copyFile(from, to)
  }
}

async function assemble(built: BuiltInstaller, stub: string, payload: string): Promise<void> {
  const next = `${built.path}.next`
  const hash = createHash('sha512')
  await pipeline(
    async function* () {
      yield Buffer.from(stub)
      yield* createReadStream(payload)
    },
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        yield chunk
      }
    },
    createWriteStream(next, { mode: 0o755 }),
  )
  await writeFile(`${built.sha512Path}.next`, `${hash.digest('hex')}  ${FILE_NAME}\n`)
  await rename(next, built.path)
  await rename(`${built.sha512Path}.next`, built.sha512Path)
}

async function isBuilt(built: BuiltInstaller, inputsPath: string, hash: string): Promise<boolean> {
  if (!(await exists(built.path)) || !(await exists(built.sha512Path))) return false
  return (await exists(inputsPath)) && (await readFile(inputsPath, 'utf8')) === hash
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
