import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { kernelName } from '@landfall/block'
import { LandfallError } from '@landfall/model'
import { deviceNumber, isMultipath, related } from '../block-devices.ts'

/**
 * Numbers of the paths to a multipath disk; undefined for any other. Its requests complete on the
 * path they took, at the same sectors, on every kernel; on the device itself only where it is
 * request-based.
 */
export async function pathNumbers(devicePath: string, sys: string): Promise<number[] | undefined> {
  const name = await kernelName(devicePath)
  if (!(await isMultipath({ sys }, name))) return undefined
  const numbers: number[] = []
  for (const path of await related({ sys }, name, 'slaves')) {
    const number = await deviceNumber({ sys }, path)
    if (number !== undefined) numbers.push(number)
  }
  return numbers.toSorted((one, other) => one - other)
}

/** Devices made of others complete their requests elsewhere: their writes would not be seen. */
export async function refuseStacked(devicePath: string): Promise<void> {
  const scheduler = path.join('/sys/block', await kernelName(devicePath), 'queue/scheduler')
  const isRequestBased = await readFile(scheduler, 'utf8').then(
    // A device without requests has no scheduler to choose: "none", where others show "[none] …".
    (text) => text.trim() !== 'none',
    () => true,
  )
  if (isRequestBased) return
  const sentence = `${devicePath} is a device made of others (LVM, RAID, NVMe paths)`
  throw new LandfallError('validation', `${sentence}: replicate the disks below it`)
}

/** Tells one attachment of a device from the next, where the kernel counts them. */
export async function identityOf(devicePath: string): Promise<string> {
  const file = path.join('/sys/block', await kernelName(devicePath), 'diskseq')
  return await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  )
}
