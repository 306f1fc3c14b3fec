import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectNbd, NbdConnectionError, NbdConnections, NbdError } from './index.ts'

const MIB = 1024 * 1024

async function startNbdkit(t: TestContext, ...args: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-'))
  const socketPath = join(folder, 'nbd.sock')
  const child = spawn('nbdkit', ['-f', '--unix', socketPath, ...args], { stdio: 'ignore' })
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true })
  })
  while (!(await stat(socketPath).catch(() => undefined))) {
    assert.equal(child.exitCode, null, 'nbdkit runs (package nbdkit)')
    await sleep(20)
  }
  return socketPath
}

test('reads back what many pipelined requests wrote', async (t) => {
  const socketPath = await startNbdkit(t, 'memory', '64M')
  await using client = await connectNbd({ socketPath, exportName: '' })
  assert.equal(client.sizeBytes, 64 * MIB)
  const writes = Array.from({ length: 64 }, (_, index) =>
    client.write(index * MIB, Buffer.alloc(MIB, index + 1)),
  )
  await Promise.all(writes)
  await client.writeZeroes(5 * MIB, 4096)
  await client.flush()
  const reads = await Promise.all(
    Array.from({ length: 64 }, (_, index) => bytesOf(client, index * MIB, MIB)),
  )
  for (const [index, data] of reads.entries()) {
    const expected = Buffer.alloc(MIB, index + 1)
    if (index === 5) expected.fill(0, 0, 4096)
    assert.ok(data.equals(expected), `MiB ${index}`)
  }
})

test('a full disk is ENOSPC for that request, and the connection goes on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-trigger-'))
  t.after(() => rm(folder, { recursive: true }))
  const trigger = join(folder, 'inject')
  const socketPath = await startNbdkit(
    t,
    '--filter=error',
    'memory',
    '1M',
    'error-pwrite=ENOSPC',
    'error-pwrite-rate=100%',
    `error-pwrite-file=${trigger}`,
  )
  await using client = await connectNbd({ socketPath, exportName: '' })
  await client.write(0, Buffer.alloc(4096, 1))
  await writeFile(trigger, '')
  await assert.rejects(client.write(0, Buffer.alloc(4096, 2)), isNbdError('ENOSPC'))
  await rm(trigger)
  assert.equal((await bytesOf(client, 0, 1))[0], 1)
  await client.write(0, Buffer.alloc(4096, 3))
  assert.equal((await bytesOf(client, 0, 1))[0], 3)
})

test('a failed read carries no data and does not upset the replies after it', async (t) => {
  const socketPath = await startNbdkit(
    t,
    '--filter=error',
    'memory',
    '1M',
    'error-pread=EIO',
    'error-pread-rate=50%',
  )
  await using client = await connectNbd({ socketPath, exportName: '' })
  await client.write(0, Buffer.alloc(MIB, 9))
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => bytesOf(client, index * 4096, 4096)),
  )
  const failed = results.filter((result) => result.status === 'rejected')
  assert.ok(failed.length > 0 && failed.length < 100)
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(isNbdError('EIO')(result.reason))
    else assert.ok(result.value.equals(Buffer.alloc(4096, 9)))
  }
})

test('every request in flight fails when the server dies', async (t) => {
  const socketPath = await startNbdkit(t, '--filter=delay', 'memory', '1M', 'rdelay=60')
  await using client = await connectNbd({ socketPath, exportName: '', answerMsMax: 200 })
  const reads = [bytesOf(client, 0, 512), bytesOf(client, 512, 512)]
  for (const result of await Promise.allSettled(reads)) {
    assert.ok(result.status === 'rejected' && result.reason instanceof NbdConnectionError)
  }
  assert.match(String(await client.closed), /No answer to read of 512 bytes at 0/)
  await assert.rejects(client.flush(), NbdConnectionError)
})

test('an export that does not exist is refused with its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-'))
  t.after(() => rm(folder, { recursive: true }))
  const disk = join(folder, 'disk.raw')
  await writeFile(disk, Buffer.alloc(MIB))
  const socketPath = join(folder, 'nbd.sock')
  const pidFile = join(folder, 'pid')
  const daemon = spawn(
    'qemu-storage-daemon',
    [
      `--blockdev=driver=file,node-name=d,filename=${disk}`,
      `--nbd-server=addr.type=unix,addr.path=${socketPath}`,
      '--export=type=nbd,id=e,node-name=d,name=disk,writable=on',
      `--pidfile=${pidFile}`,
    ],
    { stdio: 'ignore' },
  )
  t.after(async () => {
    daemon.kill()
    await once(daemon, 'exit')
  })
  while (!(await stat(pidFile).catch(() => undefined))) await sleep(20)
  await assert.rejects(connectNbd({ socketPath, exportName: 'other' }), (error: Error) =>
    /refused the export "other"/.test(String(error.cause)),
  )
  await using client = await connectNbd({ socketPath, exportName: 'disk' })
  await client.write(4096, Buffer.alloc(4096, 5))
  await client.flush()
  assert.equal((await bytesOf(client, 4096, 1))[0], 5)
})

test('a peer that is not an NBD server is refused, and so is a missing socket', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-'))
  const socketPath = join(folder, 's')
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  server.listen(socketPath)
  await once(server, 'listening')
  t.after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  await assert.rejects(connectNbd({ socketPath, exportName: '' }), NbdConnectionError)
  await assert.rejects(
    connectNbd({ socketPath: join(folder, 'none'), exportName: '' }),
    NbdConnectionError,
  )
})

function isNbdError(errno: string): (error: unknown) => boolean {
  return (error) => error instanceof NbdError && error.errno === errno
}

async function bytesOf(
  client: Pick<NbdConnections, 'read'>,
  offset: number,
  length: number,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  await client.read(offset, length, (piece) => pieces.push(Buffer.from(piece)))
  return Buffer.concat(pieces)
}

test('several connections to one export hold what any of them wrote, and end together', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nbd-'))
  t.after(() => rm(folder, { recursive: true }))
  const pidFile = join(folder, 'pid')
  const socketPath = await startNbdkit(t, '--pidfile', pidFile, 'memory', '64M')
  await using connections = await NbdConnections.open({ socketPath, exportName: '' })
  const writes = Array.from({ length: 64 }, (_, index) =>
    connections.write(index * MIB, Buffer.alloc(MIB, index + 1)),
  )
  await Promise.all(writes)
  await connections.flush()
  const reads = Array.from({ length: 64 }, (_, index) => bytesOf(connections, index * MIB, MIB))
  for (const [index, data] of (await Promise.all(reads)).entries()) {
    assert.ok(data.equals(Buffer.alloc(MIB, index + 1)), `MiB ${index}`)
  }
  process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL')
  assert.ok((await connections.closed) instanceof NbdConnectionError)
  await assert.rejects(connections.flush(), NbdConnectionError)
})
