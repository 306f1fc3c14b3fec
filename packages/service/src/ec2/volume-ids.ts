import { createHash } from 'node:crypto'

/** Digits after the prefix, as EC2's IDs have them. */
const ID_DIGITS = 17

/** The ID of a disk of a server or an instance: always the same for it, and nowhere recorded. */
export function volumeID(ownerID: string, deviceName: string): string {
  return `vol-${digitsOf(`${ownerID} ${deviceName}`)}`
}

/** The same of a disk in a point. */
export function snapshotID(pointID: string, deviceName: string): string {
  return `snap-${digitsOf(`${pointID} ${deviceName}`)}`
}

function digitsOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, ID_DIGITS)
}
