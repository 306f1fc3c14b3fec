import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import path from 'node:path'
import { MIB } from '@landfall/model'
import { alignedBuffer, DirectDisk } from '@landfall/block'

/** Test fixture: a loop device over a sparse file, with ext4 and mounted when asked for. */
export class LoopDisk implements AsyncDisposable {
  readonly device: string
  readonly mountPoint: string
  readonly #folder: string
  readonly #file: string
  #isMounted = false

  /** With another one instead of a size: one more device over the same content. */
  constructor(content: number | LoopDisk, sectorBytes = 512) {
    assert.equal(process.getuid?.(), 0, 'this test makes loop devices and mounts: run it as root')
    // Not /tmp, which may be a tmpfs without O_DIRECT.
    this.#folder = mkdtempSync('/var/tmp/landfall-loop-')
    this.mountPoint = path.join(this.#folder, 'mount')
    this.#file = content instanceof LoopDisk ? content.#file : path.join(this.#folder, 'disk.img')
    if (typeof content === 'number') {
      closeSync(openSync(this.#file, 'w'))
      truncateSync(this.#file, content)
    }
    const shape = ['--direct-io=on', `--sector-size=${sectorBytes}`]
    this.device = execFileSync('losetup', ['-f', '--show', ...shape, this.#file])
      .toString()
      .trim()
  }

  get isMounted(): boolean {
    return this.#isMounted
  }

  /** ext4, mounted at `mountPoint`; what is left over of the last MiB is not in it. */
  mountExt4(): void {
    const mebibytes = Math.floor(statSync(this.#file).size / MIB)
    execFileSync('mkfs.ext4', ['-q', '-F', this.device, `${mebibytes}M`])
    execFileSync('mkdir', ['-p', this.mountPoint])
    execFileSync('mount', [this.device, this.mountPoint])
    this.#isMounted = true
  }

  /** From now on everything past its first bytes fails to be read. */
  fail(): void {
    truncateSync(this.#file, 0)
    execFileSync('losetup', ['-c', this.device])
  }

  /** Grows it, if wanted by what is not zeros, or cuts it off, as a hypervisor does in use. */
  resize(sizeBytes: number, options: { readonly fill?: boolean } = {}): void {
    const added = sizeBytes - statSync(this.#file).size
    if (options.fill) appendFileSync(this.#file, randomBytes(added), { flush: true })
    truncateSync(this.#file, sizeBytes)
    execFileSync('losetup', ['-c', this.device])
  }

  /** The whole disk, read past the page cache. */
  async content(): Promise<Buffer> {
    await using disk = await DirectDisk.open(this.device)
    const bytes = alignedBuffer(disk.sizeBytes)
    await disk.read(0, bytes)
    return bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isMounted) {
      // A test that failed may have left it frozen, and then nothing unmounts it.
      spawn('fsfreeze', ['-u', this.mountPoint], { stdio: 'ignore' }).unref()
      execFileSync('umount', ['-l', this.mountPoint])
    }
    execFileSync('losetup', ['-d', this.device])
    rmSync(this.#folder, { recursive: true })
  }
}

/** Test fixture: 4 KiB random writes with an fsync every 32, until disposed. */
export class FioLoad implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(folder: string, options: { readonly sizeMib: number; readonly rateIops?: number }) {
    const rate = options.rateIops === undefined ? [] : [`--rate_iops=${options.rateIops}`]
    const size = [`--size=${options.sizeMib}m`, '--runtime=600', '--time_based']
    const shape = ['--name=load', '--rw=randwrite', '--bs=4k', '--fsync=32', '--ioengine=psync']
    this.#child = spawn('fio', [...shape, ...size, ...rate, `--directory=${folder}`], {
      stdio: 'ignore',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGINT')
    await once(this.#child, 'exit')
  }
}
