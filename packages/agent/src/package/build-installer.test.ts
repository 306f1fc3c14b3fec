import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, after, test } from 'node:test'
import { promisify } from 'node:util'
import { buildInstaller, type BuiltInstaller } from './build-installer.ts'

const run = promisify(execFile)

let folder: string
let built: BuiltInstaller

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landfall-build-'))
  built = await buildInstaller({ outputDir: folder })
})
after(() => rm(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
}

/** Runs the installer as an operator does; an exit code other than 0 is an answer too. */
async function runInstaller(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  try {
    const { stdout } = await run('sh', [built.path, ...args], {
      env: { PATH: process.env['PATH'], ...env },
    })
    return { code: 0, stdout }
  } catch (error) {
    const { code, stdout } = error as Ended
    return { code, stdout }
  }
}

test('the hash beside the installer is what sha512sum checks', async () => {
  await run('sha512sum', ['--check', '--status', `${built.path}.sha512`], { cwd: folder })
})

test('is not built again from the same inputs', async () => {
  const before = (await stat(built.path)).mtimeMs
  await buildInstaller({ outputDir: folder })
  assert.equal((await stat(built.path)).mtimeMs, before)
})

test('answers --help and --version without unpacking', async () => {
  const help = await runInstaller(['--help'])
  assert.equal(help.code, 0)
  assert.match(help.stdout, /--aws-secret-access-key[^]*--no-replication[^]*Examples:/)
  assert.equal((await runInstaller(['--version'])).stdout, `${built.version}\n`)
})

test('unpacks, says everything that is missing, and leaves nothing', async () => {
  const installDir = join(folder, 'agent')
  const ended = await runInstaller(['--no-prompt', '--install-dir', installDir])
  assert.equal(ended.code, 1)
  assert.match(
    ended.stdout,
    /Installation failed\nError details: --region is missing\.\n--endpoint/,
  )
  await assert.rejects(stat(installDir), /ENOENT/)
})

test('a damaged download is named as that, and leaves nothing', async () => {
  const whole = await readFile(built.path)
  const installDir = join(folder, 'damaged')
  await truncate(built.path, 10_000_000)
  const ended = await runInstaller(['--no-prompt', '--install-dir', installDir])
  assert.equal(ended.code, 1)
  assert.match(ended.stdout, /Download it again and compare its SHA-512/)
  await assert.rejects(stat(installDir), /ENOENT/)
  await writeFile(built.path, whole)
})
