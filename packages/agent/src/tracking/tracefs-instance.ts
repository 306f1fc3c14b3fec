import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { LandfallError } from '@landfall/model'
import { parseEventFormat, parsePageFormat } from './event-format.ts'
import { readRingPage, type OnWrite } from './ring-page.ts'

const TRACEFS = '/sys/kernel/tracing'
const EVENT = 'events/block/block_rq_complete'

export interface InstanceShape {
  /** Folder under instances/. */
  readonly name: string
  readonly deviceNumbers: readonly number[]
}

/**
 * A trace instance of our own: records the completed requests of some disks in the kernel's ring
 * buffers, and goes on recording while nobody has it open.
 */
export class TracefsInstance {
  readonly name: string
  readonly #folder: string
  readonly #format: Parameters<typeof readRingPage>[1]
  readonly #cpus: readonly { readonly pipe: number; readonly statsPath: string }[]
  readonly #page: Buffer

  private constructor(name: string, format: Parameters<typeof readRingPage>[1], cpus: number) {
    this.name = name
    this.#folder = folderOf(name)
    this.#format = format
    this.#page = Buffer.alloc(format.page.pageBytes)
    const flags = constants.O_RDONLY | constants.O_NONBLOCK
    this.#cpus = Array.from({ length: cpus }, (_, cpu) => {
      const folder = path.join(this.#folder, `per_cpu/cpu${cpu}`)
      return {
        pipe: openSync(path.join(folder, 'trace_pipe_raw'), flags),
        statsPath: path.join(folder, 'stats'),
      }
    })
  }

  /** Makes a recording instance; one of the same name is removed first. */
  static async create(
    shape: InstanceShape,
    options: { readonly bufferBytesPerCpu: number },
  ): Promise<TracefsInstance> {
    await mountTracefs()
    await TracefsInstance.removeByName(shape.name)
    const folder = folderOf(shape.name)
    try {
      await mkdir(folder)
      const kilobytes = Math.ceil(options.bufferBytesPerCpu / 1024)
      await writeFile(path.join(folder, 'buffer_size_kb'), String(kilobytes))
      await writeFile(path.join(folder, EVENT, 'filter'), filterOf(shape))
      await writeFile(path.join(folder, EVENT, 'enable'), '1')
    } catch (cause) {
      const sentence =
        'The kernel does not let block writes be traced (tracefs, event block_rq_complete); ' +
        'replication needs CONFIG_BLK_DEV_IO_TRACE and no lockdown in confidentiality mode'
      throw new LandfallError('unavailable', sentence, { cause })
    }
    return await TracefsInstance.#open(shape.name)
  }

  /** Opens an instance that an earlier run left recording; undefined when it is not as it was. */
  static async adopt(shape: InstanceShape): Promise<TracefsInstance | undefined> {
    try {
      const filter = await readFile(path.join(folderOf(shape.name), EVENT, 'filter'), 'utf8')
      if (filter.trim() !== filterOf(shape)) return undefined
      const instance = await TracefsInstance.#open(shape.name)
      if (instance.isRecording()) return instance
      instance.close()
    } catch {
      // Absent or half made: the caller makes a new one and rescans.
    }
    return undefined
  }

  static async removeByName(name: string): Promise<void> {
    await rmdir(folderOf(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }

  /** Names of all instances that begin so. */
  static async list(prefix: string): Promise<string[]> {
    const names = await readdir(path.join(TRACEFS, 'instances')).catch(() => [])
    return names.filter((name) => name.startsWith(prefix))
  }

  static async #open(name: string): Promise<TracefsInstance> {
    const events = path.join(folderOf(name), 'events')
    const format = {
      page: parsePageFormat(await readFile(path.join(events, 'header_page'), 'utf8')),
      event: parseEventFormat(await readFile(path.join(folderOf(name), EVENT, 'format'), 'utf8')),
    }
    const cpus = (await readdir(path.join(folderOf(name), 'per_cpu'))).length
    return new TracefsInstance(name, format, cpus)
  }

  /**
   * Reads every CPU's buffer until it is empty: afterwards `onWrite` has heard of every request
   * that had completed before the call. Synchronous, so that nothing comes between.
   */
  drain(onWrite: OnWrite): { readonly lost: boolean; readonly bytesPerCpuMax: number } {
    let lost = false
    let bytesPerCpuMax = 0
    for (const { pipe } of this.#cpus) {
      let bytes = 0
      while (this.#readPage(pipe)) {
        bytes += this.#page.length
        if (readRingPage(this.#page, this.#format, onWrite).lost) lost = true
      }
      bytesPerCpuMax = Math.max(bytesPerCpuMax, bytes)
    }
    return { lost, bytesPerCpuMax }
  }

  /** Events the kernel has counted as lost since the instance was made. */
  lostEvents(): number {
    let lost = 0
    for (const { statsPath } of this.#cpus) {
      const stats = readFileSync(statsPath, 'latin1')
      for (const [, count] of stats.matchAll(
        /^(?:overrun|commit overrun|dropped events): (\d+)$/gm,
      )) {
        lost += Number(count)
      }
    }
    return lost
  }

  /** Whether the event is still on: a kernel oops or another person may have stopped it. */
  isRecording(): boolean {
    const read = (file: string): string =>
      readFileSync(path.join(this.#folder, file), 'latin1').trim()
    return read('tracing_on') === '1' && read(path.join(EVENT, 'enable')) === '1'
  }

  /** Lets go of the instance, which goes on recording. */
  close(): void {
    for (const { pipe } of this.#cpus) closeSync(pipe)
  }

  #readPage(pipe: number): boolean {
    try {
      return readSync(pipe, this.#page) > 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
      throw error
    }
  }
}

function folderOf(name: string): string {
  return path.join(TRACEFS, 'instances', name)
}

function filterOf(shape: InstanceShape): string {
  return shape.deviceNumbers.map((number) => `dev == ${number}`).join(' || ')
}

async function mountTracefs(): Promise<void> {
  const isMounted = await access(path.join(TRACEFS, 'instances')).then(
    () => true,
    () => false,
  )
  if (isMounted) return
  try {
    await promisify(execFile)('mount', ['-t', 'tracefs', 'tracefs', TRACEFS])
  } catch (cause) {
    const sentence = `tracefs cannot be mounted at ${TRACEFS}; replication follows writes with it`
    throw new LandfallError('unavailable', sentence, { cause })
  }
}
