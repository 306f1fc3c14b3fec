import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { BUILT_IN_DOCUMENTS } from './built-in-documents.ts'
import { readDocument } from './document-content.ts'
import { readParameterValues, type GivenParameters } from './parameter-values.ts'
import { PREDEFINED_DOCUMENTS, predefinedContent } from './predefined-documents.ts'
import { renderSteps } from './render-steps.ts'

interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const PATH = process.env['PATH'] ?? ''

/** Runs a document's script on this machine, as an agent does. */
async function run(name: string, given: GivenParameters, path = PATH): Promise<Ran> {
  const content = readDocument(BUILT_IN_DOCUMENTS.get(name)!.version.content)
  const values = readParameterValues(content, given, new Map())
  const [step] = renderSteps(content, values, new Map())
  const env = { PATH: path, LANDFALL_NODE: process.execPath, LC_ALL: 'C.UTF-8' }
  return await new Promise((resolve) => {
    const child = execFile('/bin/sh', ['-s'], { env }, (error, stdout, stderr) => {
      resolve({ status: Number(error?.code ?? 0), stdout, stderr })
    })
    child.stdin?.end(`${step!.script}\n`)
  })
}

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A PATH with these programs and no others. */
async function pathOf(t: TestContext, programs: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-path-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const program of programs) await symlink(`/usr/bin/${program}`, join(folder, program))
  return folder
}

test('every predefined document is one that a caller could have made', () => {
  for (const document of PREDEFINED_DOCUMENTS) {
    const content = JSON.stringify(predefinedContent(document))
    assert.equal(readDocument(content).mainSteps.length, 1, document.name)
  }
})

test('volumes: what is mounted passes; what is not, is small or cannot be read does not', async () => {
  const verify = (...Volumes: string[]) => run('AWSMigration-VerifyMountedVolumes', { Volumes })
  const good = await verify('/', '/=1')
  assert.equal(good.status, 0, good.stderr)
  assert.match(good.stdout, /^\/: .*, [1-9]\d* GiB, r[ow]$/m)
  const unwritable = await verify('/proc')
  assert.equal(unwritable.status, 1)
  assert.match(unwritable.stderr, /^mktemp.*\n\/proc cannot be written to\n$/)
  assert.deepEqual(
    await verify('/nowhere', '/').then(({ status, stderr }) => ({ status, stderr })),
    {
      status: 1,
      stderr: '/nowhere is not mounted\n',
    },
  )
  const small = await verify('/=9999999')
  assert.match(small.stderr, /^\/ has \d+ GiB on .*, and 9999999 are expected\n$/)
  await assert.rejects(verify('data'), /Parameter Volumes must match/)
})

test('disk space: by file system, with the least that must be free', async () => {
  const verify = (Paths: string[], least: string) =>
    run('AWSMigration-ValidateDiskSpace', { Paths, MinimumFreeMiB: [least] })
  const good = await verify(['/', '/tmp'], '1')
  assert.equal(good.status, 0, good.stderr)
  assert.match(good.stdout, /^\/: \d+ MiB are free\n\/tmp: \d+ MiB are free\n$/)
  const bad = await verify(['/nowhere', '/'], '999999999')
  assert.equal(bad.status, 1)
  assert.match(bad.stderr, /^\/nowhere is not there\n\/ has \d+ MiB left, and 999999999 are exp/)
})

test('processes: waited for by name, also by names longer than the kernel keeps', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-process-'))
  t.after(() => rm(folder, { recursive: true }))
  const name = 'landfall-test-long-name'
  await symlink('/bin/sleep', join(folder, name))
  const verify = (wait: string, ...ProcessNames: string[]) =>
    run('Landfall-VerifyProcesses', { ProcessNames, WaitSeconds: [wait] })
  const missing = await verify('0', name, 'sh')
  assert.equal(missing.status, 1)
  assert.equal(missing.stderr, `Not running after 0 s:\n${name}\n`)
  const later = verify('30', name, 'sh')
  const child = spawn(join(folder, name), ['60'])
  t.after(() => child.kill())
  assert.equal((await later).status, 0)
})

test('HTTP: the status is what counts, by curl or by Node', async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/good' ? 200 : 503
    response.end()
  })
  const url = `http://127.0.0.1:${await listen(t, server)}`
  const few = await pathOf(t, ['cat', 'date', 'sleep'])
  for (const path of [PATH, few]) {
    const verify = (Urls: string[], more: object = {}) =>
      run('Landfall-VerifyHTTPResponse', { Urls, WaitSeconds: ['0'], ...more }, path)
    const good = await verify([`${url}/good`])
    assert.deepEqual(good, { status: 0, stdout: `${url}/good: 200\n`, stderr: '' })
    const bad = await verify([`${url}/good`, `${url}/bad`])
    assert.equal(bad.status, 1)
    assert.equal(bad.stderr, `${url}/bad answers 503, and 200 is expected\n`)
    assert.equal((await verify([`${url}/bad`], { ExpectedStatus: ['503'] })).status, 0)
    const nobody = await verify(['http://127.0.0.1:1/'])
    assert.equal(nobody.status, 1)
    assert.match(nobody.stderr, /connect/i)
  }
})

test('connectivity: every host and port is connected to', async (t) => {
  const port = await listen(t, createServer())
  const verify = (...Targets: string[]) =>
    run('Landfall-VerifyConnectivity', { Targets, WaitSeconds: ['0'] })
  const good = await verify(`127.0.0.1:${port}`, `[::ffff:127.0.0.1]:${port}`)
  assert.equal(good.status, 0, good.stderr)
  const bad = await verify('127.0.0.1:1', `127.0.0.1:${port}`)
  assert.equal(bad.status, 1)
  assert.match(bad.stderr, /^127\.0\.0\.1:1 cannot be connected to: .*ECONNREFUSED/)
  assert.equal(bad.stdout, `127.0.0.1:${port}: connected\n`)
})

test('tags: by key and value, whatever characters are in them', async () => {
  const tags = [
    { Key: 'Name', Value: 'web 01' },
    { Key: 'path', Value: 'a\\b "c"' },
    { Key: 'empty', Value: '' },
  ]
  const InstanceTags = tags.map((tag) => JSON.stringify(tag))
  const verify = (...ExpectedTags: string[]) =>
    run('Landfall-VerifyTags', { InstanceTags, ExpectedTags })
  const good = await verify('Name=web 01', 'path=a\\b "c"', 'path', 'empty=', 'empty')
  assert.equal(good.status, 0, good.stderr)
  for (const wrong of ['Name=web', 'ame', 'Name=', 'path=a.b "c"', 'none']) {
    const bad = await verify(wrong)
    assert.equal(bad.status, 1, wrong)
    assert.match(bad.stderr, /^The tag .* is missing\. The instance has: \{"Key":"Name"/)
  }
  const none = await run('Landfall-VerifyTags', { InstanceTags: [], ExpectedTags: ['a'] })
  assert.equal(none.stderr, 'The tag a is missing. The instance has: none \n')
})

/** A PATH on which a machine's package manager keeps its packages as lines of a file. */
async function debian(t: TestContext, packages: readonly string[], aptGet: string) {
  const folder = await pathOf(t, ['cat', 'grep', 'mv'])
  const file = join(folder, 'packages')
  await writeFile(file, packages.map((name) => `${name}\n`).join(''))
  const program = (name: string, script: string) =>
    writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  // dpkg-query -W -f FORMAT PACKAGE
  await program('dpkg-query', `grep -qx "$4" ${file} && echo 'install ok installed'`)
  await program('apt-get', aptGet.replaceAll('FILE', file))
  return { path: folder, packages: () => readFile(file, 'utf8') }
}

test('guest agents of other hypervisors are removed, only those that are there', async (t) => {
  // apt-get remove -qy PACKAGE...
  const remove =
    'shift 2; for one; do grep -vx "$one" FILE >FILE.new; mv FILE.new FILE; done; echo gone'
  const machine = await debian(t, ['bash', 'open-vm-tools', 'hyperv-daemons'], remove)
  const removed = await run('Landfall-RemoveGuestAgents', {}, machine.path)
  assert.equal(removed.status, 0, removed.stderr)
  assert.match(removed.stdout, /Removed:\nopen-vm-tools\nhyperv-daemons\n/)
  assert.equal(await machine.packages(), 'bash\n')
  const again = await run('Landfall-RemoveGuestAgents', {}, machine.path)
  assert.match(again.stdout, /^No packages of guest agents are installed\n/)

  const stuck = await debian(t, ['open-vm-tools'], 'exit 0')
  const left = await run('Landfall-RemoveGuestAgents', {}, stuck.path)
  assert.equal(left.status, 1)
  assert.equal(left.stderr, 'Still installed: open-vm-tools\n')
})

test('the guest agent is installed by the package manager that there is', async (t) => {
  const good = await debian(t, [], 'echo "$@" >>FILE')
  const installed = await run('Landfall-InstallGuestAgent', {}, good.path)
  assert.equal(installed.status, 0, installed.stderr)
  assert.match(await good.packages(), /^update -q\ninstall -qy .* qemu-guest-agent\n$/)
  const offline = await debian(t, [], 'exit 100')
  const failed = await run('Landfall-InstallGuestAgent', {}, offline.path)
  assert.equal(failed.status, 1)
  assert.match(failed.stderr, /qemu-guest-agent was not installed\. Can the instance reach/)
  const bare = await run('Landfall-InstallGuestAgent', {}, await pathOf(t, []))
  assert.match(bare.stderr, /No package manager was found/)
})

test('the clock: what chrony or systemd says counts, and nothing else', async (t) => {
  const verify = async (program: string, says: string) => {
    const folder = await pathOf(t, ['cat', 'grep', 'date', 'sleep'])
    await writeFile(join(folder, program), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 })
    return run('Landfall-VerifyTimeSync', { WaitSeconds: ['0'] }, folder)
  }
  assert.equal((await verify('chronyc', 'Leap status     : Normal')).status, 0)
  assert.equal((await verify('timedatectl', 'System clock synchronized: yes')).status, 0)
  const off = await verify('chronyc', 'Leap status     : Not synchronised')
  assert.equal(off.status, 1)
  assert.match(off.stderr, /^The clock is not synchronised after 0 s\./)
  assert.equal((await verify('timedatectl', 'System clock synchronized: no')).status, 1)
})
