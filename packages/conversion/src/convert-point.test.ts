import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { convertPoint } from './convert-point.ts'
import type { ConversionOptions } from './convert-point.ts'

/**
 * Here the two big tools are scripts, so that their faults can be caused at will; qemu-img is real.
 * What the real ones do is tested in guest-disks.test.ts and in the end-to-end tests.
 */
const GUESTFISH = `#!/bin/sh
while read -r name rest; do
  case $name in
    echo) echo "$rest" ;;
    inspect-os) echo /dev/sda1 ;;
    inspect-get-mountpoints) echo "/: /dev/sda1" ;;
    is-file | is-dir) echo false ;;
  esac
done
`
const CONVERTER_OK = '#!/bin/sh\necho "[   0.1] Converting it"\necho ran >> "$0.runs"\n'
const CONVERTER_FAILS = '#!/bin/sh\necho "virt-v2v: error: no kernel found" >&2\nexit 1\n'
const CONVERTER_HANGS = '#!/bin/sh\nsleep 1000 &\necho "[   0.1] Hanging"\nwait\n'

const MIB = 1024 * 1024

async function prepared(t: TestContext, converter: string) {
  const folder = await mkdtemp('/tmp/landfall-conversion-')
  t.after(() => rm(folder, { recursive: true }))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await script(join(bin, 'guestfish'), GUESTFISH)
  await script(join(bin, 'virt-v2v-in-place'), converter)
  const path = process.env['PATH']
  process.env['PATH'] = `${bin}:${path}`
  t.after(() => (process.env['PATH'] = path))
  const layers = ['a', 'b'].map((name) => join(folder, `${name}.qcow2`))
  for (const layer of layers) {
    await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', layer, '8M'])
    await promisify(execFile)('qemu-io', ['-c', 'write -P 7 0 1M', layer])
  }
  const messages: string[] = []
  const options: ConversionOptions = {
    conversionID: 'i-0123456789abcdef0',
    workDir: join(folder, 'work'),
    applianceDir: join(folder, 'appliance'),
    learnedDir: join(folder, 'learned'),
    disks: layers.map((layerPath, index) => ({
      deviceName: `/dev/sd${'ab'.charAt(index)}`,
      layerPath,
      sizeBytes: 8 * MIB,
    })),
    plan: {
      identity: {
        instanceID: 'i-0123456789abcdef0',
        token: 't',
        endpoint: '',
        caCertificatePem: '',
      },
      primaryInterface: { name: 'ens3' },
      targetMac: '52:54:00:00:00:01',
    },
    accelerator: 'tcg',
    signal: new AbortController().signal,
    onProgress: ({ message }) => void messages.push(message),
  }
  return { folder, bin, layers, options, messages }
}

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, text)
  await chmod(path, 0o755)
}

async function hashes(paths: readonly string[]): Promise<string[]> {
  const contents = await Promise.all(paths.map((path) => readFile(path)))
  return contents.map((content) => createHash('sha256').update(content).digest('hex'))
}

test('every disk gets an overlay of its own, and the layers stay as they were', async (t) => {
  const { options, layers, messages } = await prepared(t, CONVERTER_OK)
  const before = await hashes(layers)
  const result = await convertPoint(options)
  assert.deepEqual(
    result.disks.map((disk) => disk.deviceName),
    ['/dev/sda', '/dev/sdb'],
  )
  for (const [index, disk] of result.disks.entries()) {
    const { stdout } = await promisify(execFile)('qemu-img', [
      'info',
      '--backing-chain',
      '--output=json',
      disk.path,
    ])
    const chain = JSON.parse(stdout) as { filename: string }[]
    assert.equal(chain.length, 3)
    assert.equal(chain.at(-1)?.filename, layers[index])
  }
  assert.deepEqual(await hashes(layers), before)
  assert.ok(messages.includes('Converting it'))
  await assert.rejects(access(join(options.workDir, 'scratch')), { code: 'ENOENT' })
})

test('a completed conversion is not done again, a different request is', async (t) => {
  const { options, bin } = await prepared(t, CONVERTER_OK)
  const runs = async () => (await readFile(join(bin, 'virt-v2v-in-place.runs'), 'utf8')).length / 4
  const first = await convertPoint(options)
  const disk = first.disks[0]?.path ?? ''
  const { mtimeMs } = await stat(disk)
  assert.deepEqual(await convertPoint(options), first)
  assert.equal((await stat(disk)).mtimeMs, mtimeMs)
  assert.equal(await runs(), 1)
  await convertPoint({ ...options, plan: { ...options.plan, targetMac: '52:54:00:00:00:02' } })
  assert.equal(await runs(), 2)
})

test('a failed conversion says why, keeps its log and leaves nothing else', async (t) => {
  const { options, layers } = await prepared(t, CONVERTER_FAILS)
  const before = await hashes(layers)
  await assert.rejects(convertPoint(options), (error: Error) => {
    assert.match(error.message, /no kernel found/)
    assert.ok(error.message.includes(join(options.workDir, 'conversion.log')))
    return true
  })
  assert.deepEqual(await readdir(options.workDir), ['conversion.log', 'source.xml'])
  assert.match(await readFile(join(options.workDir, 'conversion.log'), 'utf8'), /no kernel found/)
  assert.deepEqual(await hashes(layers), before)
})

test('an aborted conversion ends its processes', async (t) => {
  const { options } = await prepared(t, CONVERTER_HANGS)
  const controller = new AbortController()
  const conversion = convertPoint({
    ...options,
    signal: controller.signal,
    onProgress: ({ message }) => {
      if (message === 'Hanging') controller.abort()
    },
  })
  await assert.rejects(conversion, { name: 'AbortError' })
  assert.deepEqual(await processesOf(options.workDir), [])
  assert.deepEqual(await readdir(options.workDir), ['conversion.log', 'source.xml'])
})

test('after a kill -9 of the caller the orphans end and the conversion starts afresh', async (t) => {
  const { options, bin, folder } = await prepared(t, CONVERTER_HANGS)
  const program = join(folder, 'caller.mjs')
  const { signal: _, onProgress: __, ...plain } = options
  await writeFile(
    program,
    `import { convertPoint } from ${JSON.stringify(join(import.meta.dirname, 'convert-point.ts'))}
    const signal = new AbortController().signal
    const onProgress = (progress) => console.log(progress.message)
    await convertPoint({ ...${JSON.stringify(plain)}, signal, onProgress })`,
  )
  const caller = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(caller, 'close')
  caller.stdout.setEncoding('utf8')
  for await (const chunk of caller.stdout) if (String(chunk).includes('Hanging')) break
  caller.kill('SIGKILL')
  await ended.catch(() => {})
  while (caller.exitCode === null && caller.signalCode === null) await sleep(10)
  assert.notDeepEqual(await processesOf(options.workDir), [], 'the test has orphans to end')
  await script(join(bin, 'virt-v2v-in-place'), CONVERTER_OK)
  await convertPoint(options)
  assert.deepEqual(await processesOf(options.workDir), [])
})

async function processesOf(workDir: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    if (environment.includes(`=${workDir}\0`)) found.push(name)
  }
  return found
}
