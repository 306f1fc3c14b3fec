import { stat } from 'node:fs/promises'
import { RunningGuest, readGuestFacts, readInitramfs } from '@landfall/guest'
import type { GuestFacts, InitramfsContents } from '@landfall/guest'
import type { SourceProperties } from '@landfall/model'
import { collectInterfaces } from '../install/source-properties.ts'

/** An initial ramdisk that was read, so that it is not read again before it changes. */
export interface KnownRamdisk {
  readonly path: string
  readonly sizeBytes: number
  readonly changedMs: number
  readonly contents: InitramfsContents
}

export interface Look {
  readonly facts: GuestFacts
  /** As they are now: an address may have changed since the installation. */
  readonly networkInterfaces: SourceProperties['networkInterfaces']
  /** Absent when there is none, or it is not known which. */
  readonly ramdisk?: KnownRamdisk
}

/** Looks at the server we run on. */
export async function lookAtGuest(known: KnownRamdisk | undefined): Promise<Look> {
  const guest = new RunningGuest()
  let ramdisk: KnownRamdisk | undefined
  const facts = await readGuestFacts(guest, {
    readInitramfs: async (path) => {
      const { size: sizeBytes, ctimeMs: changedMs } = await stat(path)
      const isSame =
        known?.path === path && known.sizeBytes === sizeBytes && known.changedMs === changedMs
      const contents = isSame ? known.contents : await readInitramfs(guest, path)
      ramdisk = { path, sizeBytes, changedMs, contents }
      return contents
    },
  })
  const networkInterfaces = await collectInterfaces()
  return { facts, networkInterfaces, ...(ramdisk && { ramdisk }) }
}
