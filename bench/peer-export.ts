import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { STAGING_MALLOC } from '../packages/cli/src/supervisor/programs.ts'
import {
  FILE_ACCESSES,
  fileNode,
  layerNode,
  nbdExport,
} from '../packages/staging/src/volumes/block-nodes.ts'
import { createLayer } from '../packages/staging/src/volumes/layer-files.ts'
import { freePort, run } from '../test/installation.ts'
import type { PeerCertificates } from './peer-certificates.ts'

const NODE = 'disk'
const START_MS_MAX = 10_000
const POLL_MS = 20

/** nbdcopy's connections and requests on each: its fastest here of those tried. */
const NBDCOPY_PARALLEL = ['--connections=4', '--requests=64']
/** qemu-img's coroutines: its maximum, out of order. */
const CONVERT_PARALLEL = ['-m', '16', '-W']

/** How the peer's storage daemon is set up: as it comes, or as ours is. */
export type DaemonSetup = 'stock' | 'as ours'

/**
 * An empty volume behind qemu-storage-daemon's own NBD over TLS: the same daemon and the same
 * options of the same format that our staging area has, without us before it.
 */
export class PeerExport implements AsyncDisposable {
  readonly #daemon: ChildProcess
  readonly #folder: string
  readonly #certificates: PeerCertificates
  readonly #address: string
  readonly #port: number

  private constructor(
    daemon: ChildProcess,
    where: { folder: string; certificates: PeerCertificates; address: string; port: number },
  ) {
    this.#daemon = daemon
    this.#folder = where.folder
    this.#certificates = where.certificates
    this.#address = where.address
    this.#port = where.port
  }

  static async start(options: {
    readonly sizeBytes: number
    readonly certificates: PeerCertificates
    /** One of those the certificates are for. */
    readonly address: string
    readonly setup?: DaemonSetup
  }): Promise<PeerExport> {
    const { sizeBytes, certificates, address, setup = 'stock' } = options
    const isAsOurs = setup === 'as ours'
    const access = (isAsOurs ? FILE_ACCESSES[0] : undefined) ?? {}
    const folder = await mkdtemp(join(tmpdir(), 'landfall-peer-'))
    const path = join(folder, 'volume.qcow2')
    await createLayer({ path, sizeBytes })
    const port = await freePort()
    const layer = layerNode({ name: NODE, backing: null, frozen: false })
    const tls = `tls-creds-x509,id=tls,dir=${certificates.server},endpoint=server,verify-peer=on`
    const listener = `addr.type=inet,addr.host=${address},addr.port=${port}`
    const daemon = spawn(
      'qemu-storage-daemon',
      [
        ...['--object', tls],
        ...['--blockdev', JSON.stringify(fileNode({ name: NODE, path, access }))],
        ...['--blockdev', JSON.stringify(layer)],
        ...['--nbd-server', `${listener},tls-creds=tls,max-connections=0`],
        ...['--export', JSON.stringify(nbdExport({ id: NODE, node: NODE, writable: true }))],
        ...['--pidfile', join(folder, 'daemon.pid')],
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, ...(isAsOurs ? STAGING_MALLOC : {}) },
      },
    )
    await ready(daemon, join(folder, 'daemon.pid'))
    return new PeerExport(daemon, { folder, certificates, address, port })
  }

  get processID(): number {
    return this.#daemon.pid ?? 0
  }

  /**
   * Command that copies `device` here with nbdcopy: told, as our agent is, that the target is zero,
   * and durable when it returns.
   */
  nbdcopy(device: string): string[] {
    const uri = `nbds://${this.#address}:${this.#port}/${NODE}`
    const target = `${uri}?tls-certificates=${this.#certificates.client}`
    return ['nbdcopy', '--target-is-zero', '--flush', ...NBDCOPY_PARALLEL, device, target]
  }

  /** The same with qemu-img. */
  convert(device: string): string[] {
    const tls = `tls-creds-x509,id=tls,dir=${this.#certificates.client},endpoint=client`
    const server = `server.type=inet,server.host=${this.#address},server.port=${this.#port}`
    const target = `driver=nbd,${server},export=${NODE},tls-creds=tls`
    return [
      ...['qemu-img', 'convert', '--object', tls, ...CONVERT_PARALLEL],
      ...['-f', 'raw', '-T', 'none', '-t', 'writeback', '-n', '--target-is-zero'],
      ...['--target-image-opts', device, target],
    ]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#daemon.kill()
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      await once(this.#daemon, 'exit')
    }
    await rm(this.#folder, { recursive: true })
  }
}

/** How many seconds a command takes; it must succeed. */
export async function secondsOf(command: readonly string[], signal: AbortSignal): Promise<number> {
  const [program = '', ...rest] = command
  const startedMs = performance.now()
  await run(program, rest, { signal })
  return (performance.now() - startedMs) / 1000
}

async function ready(daemon: ChildProcess, pidFile: string): Promise<void> {
  const deadline = performance.now() + START_MS_MAX
  while (!(await stat(pidFile).catch(() => undefined))?.size) {
    if (daemon.exitCode !== null || performance.now() > deadline) {
      throw new Error('The peer’s qemu-storage-daemon did not start')
    }
    await sleep(POLL_MS)
  }
}
