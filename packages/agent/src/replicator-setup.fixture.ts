import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MIB } from '@landfall/model'
import { LoopDisk } from './replication/loop-disk.ts'
import {
  MemoryReplicationServer,
  testCertificates,
  type Certificates,
} from './replication/memory-replication-server.ts'
import { startReplicator, type Replicator, type ReplicatorOptions } from './replicator.ts'
import { Tracker } from './tracking/tracker.ts'

const SERVER_ID = `s-test${process.pid}`
const certificates: Certificates = testCertificates(SERVER_ID)
const { signal } = new AbortController()

/** What a test needs, in the order in which it has to be let go: agent, server, disks, files. */
export class Setup implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack()
  readonly disks: LoopDisk[] = []
  readonly log: string[] = []
  readonly stateDir = mkdtempSync('/dev/shm/landfall-test-')
  server!: MemoryReplicationServer

  static async make(options: {
    disks: number
    sizeMib?: number
    sizeBytes?: number
    sectorBytes?: number
    ext4?: boolean
  }): Promise<Setup> {
    const setup = new Setup()
    setup.stack.defer(() => rmSync(setup.stateDir, { recursive: true }))
    setup.stack.defer(() => Tracker.remove(`landfall-${SERVER_ID}`))
    for (let index = 0; index < options.disks; index++) {
      const sizeBytes = options.sizeBytes ?? (options.sizeMib ?? 64) * MIB
      const disk = setup.stack.use(new LoopDisk(sizeBytes, options.sectorBytes))
      if (options.ext4 ?? true) disk.mountExt4()
      setup.disks.push(disk)
    }
    setup.server = setup.stack.use(await MemoryReplicationServer.start(certificates))
    return setup
  }

  options(): ReplicatorOptions {
    return {
      sourceServerID: SERVER_ID,
      disks: this.disks.map((disk) => disk.device),
      addresses: ['127.0.0.1'],
      port: this.server.port,
      tls: certificates,
      stateDir: this.stateDir,
      bandwidthThrottlingMbps: 0,
      // These tests look at what is compared, and at every frame.
      scrubBytesPerSecond: 0,
      connections: 3,
      log: (message) => this.log.push(message),
      signal,
    }
  }

  async start(more: Partial<ReplicatorOptions> = {}): Promise<Replicator> {
    const replicator = await startReplicator({ ...this.options(), ...more })
    this.stack.defer(() => replicator.stop())
    return replicator
  }

  /** Compares every disk, frozen and read past the cache, with its replica. */
  async assertIdentical(replicator: Replicator): Promise<void> {
    await using frozen = new AsyncDisposableStack()
    for (const { mountPoint, isMounted } of this.disks) {
      if (!isMounted) continue
      execFileSync('sync', ['-f', mountPoint])
      execFileSync('fsfreeze', ['-f', mountPoint])
      frozen.defer(() => void execFileSync('fsfreeze', ['-u', mountPoint]))
    }
    // What the kernel still holds is read within a pace or two.
    await sleep(600)
    await untilState(replicator, 'CONTINUOUS')
    await until(() =>
      replicator.progress().disks.every((disk) => disk.backloggedStorageBytes === 0),
    )
    for (const disk of this.disks) {
      const isEqual = (await disk.content()).equals(this.server.volume(disk.device))
      assert.ok(isEqual, `${disk.device} differs from its replica`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync()
  }
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(20)
}

export async function untilState(replicator: Replicator, state: string): Promise<void> {
  await until(() => replicator.progress().state === state)
}
