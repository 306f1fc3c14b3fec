import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { runProgram } from '@landfall/launch'
import { LandfallError, type PointDisk } from '@landfall/model'
import { refuseToOverwrite } from '../refuse-to-overwrite.ts'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { PinnedPoint } from './point-view.ts'

export const EXPORT_FORMATS = ['raw', 'qcow2'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportRequest {
  readonly sourceServerID: string
  readonly pointID: string
  readonly deviceName: string
  readonly file: string
  readonly format: ExportFormat
  /** Replace the file when it exists. */
  readonly force: boolean
  /** 0 to 100. */
  readonly onProgress: (percent: number) => void
  readonly signal: AbortSignal
}

/**
 * Writes one disk of a point to a file: whole and durable, or not at all. The point is pinned
 * meanwhile, so nothing can take it away from under the copy.
 */
export async function exportPoint(client: ServiceClient, request: ExportRequest): Promise<void> {
  const { sourceServerID, pointID, file, signal } = request
  if (!request.force) await refuseToOverwrite(file)
  const pinned = await client.landfall<PinnedPoint>('PinPoint', { sourceServerID, pointID }, signal)
  try {
    await copyLayer(findDisk(pinned.disks, request), request)
  } finally {
    // Not with the signal: an interrupted export gives its pin back too.
    await client.landfall('UnpinPoint', { pinID: pinned.pinID })
  }
  await syncFolder(dirname(file))
}

function findDisk(disks: readonly PointDisk[], request: ExportRequest): PointDisk {
  const found = disks.find((disk) => disk.deviceName === request.deviceName)
  if (found !== undefined) return found
  const names = disks.map((disk) => disk.deviceName).join(', ')
  throw new LandfallError(
    'not_found',
    `Point ${request.pointID} has no disk ${request.deviceName}: it has ${names || 'none'}.`,
  )
}

async function copyLayer(disk: PointDisk, request: ExportRequest): Promise<void> {
  const temporary = `${request.file}.tmp-${process.pid}`
  try {
    // -U: the storage daemon holds the chain open; the layers under a point no longer change.
    await runProgram(
      'qemu-img',
      ['convert', '-p', '-U', '-f', 'qcow2', '-O', request.format, disk.layerPath, temporary],
      {
        signal: request.signal,
        onLine: (line) => {
          const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1]
          if (percent !== undefined) request.onProgress(Number(percent))
        },
      },
    )
    await syncFile(temporary)
    await rename(temporary, request.file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
