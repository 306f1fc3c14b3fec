import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { runProgram } from '@landfall/launch'
import { LandfallError } from '@landfall/model'

/** qemu-img's options for each format of an exported disk. */
const FORMATS = {
  raw: ['-O', 'raw'],
  qcow2: ['-O', 'qcow2'],
  // What OVF packages hold, and what VMware's products take in.
  vmdk: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'],
} as const

export type ExportFormat = keyof typeof FORMATS
export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormat[]

export interface DiskExport {
  readonly file: string
  readonly format: ExportFormat
  /** 0 to 100. */
  readonly onProgress: (percent: number) => void
  readonly signal: AbortSignal
}

/** The disk that the source calls `deviceName`, of what `owner` is called in an error. */
export function findDisk<Disk extends { readonly deviceName: string }>(
  disks: readonly Disk[],
  deviceName: string,
  owner: string,
): Disk {
  const found = disks.find((disk) => disk.deviceName === deviceName)
  if (found !== undefined) return found
  const names = disks.map((disk) => disk.deviceName).join(', ')
  const message = `${owner} has no disk ${deviceName}: it has ${names || 'none'}.`
  throw new LandfallError('not_found', message)
}

/**
 * Writes what a qcow2 file and those under it hold to a file: whole and durable, or not at all.
 * They may be open elsewhere, and must not change meanwhile.
 */
export async function writeDisk(qcow2: string, { file, ...options }: DiskExport): Promise<void> {
  const temporary = `${file}.tmp-${process.pid}`
  try {
    await runProgram(
      'qemu-img',
      ['convert', '-p', '-U', '-f', 'qcow2', ...FORMATS[options.format], qcow2, temporary],
      {
        signal: options.signal,
        onLine: (line) => {
          const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1]
          if (percent !== undefined) options.onProgress(Number(percent))
        },
      },
    )
    await sync(temporary, 'r+')
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await sync(dirname(file), 'r')
}

async function sync(path: string, flags: string): Promise<void> {
  await using handle = await open(path, flags)
  await handle.sync()
}
