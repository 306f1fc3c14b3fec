import { randomUUID } from 'node:crypto'
import { NbdConnections } from '@landfall/block'
import type { StorageDaemon } from '../storage-daemon/storage-daemon.ts'
import { nbdExport } from './block-nodes.ts'
import type { PointReader } from './staging-volume.ts'

/** Reads a frozen node through an export of its own, which goes when the reader is disposed. */
export async function readPoint(daemon: StorageDaemon, node: string): Promise<PointReader> {
  const id = `read-${randomUUID()}`
  await daemon.execute('block-export-add', nbdExport({ id, node, writable: false }))
  const remove = async (): Promise<void> => {
    // Gone with the daemon is gone, too.
    await daemon.execute('block-export-del', { id, mode: 'hard' }).catch(() => undefined)
  }
  try {
    const client = await NbdConnections.open({ socketPath: daemon.nbdSocket, exportName: id })
    return {
      sizeBytes: client.sizeBytes,
      read: (offset, length, take) => client.read(offset, length, take),
      [Symbol.asyncDispose]: async () => {
        await client.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
