import assert from 'node:assert/strict'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { newId } from '@landfall/model'
import { createLaunchPlan, type LaunchPlanInput } from '../launch-plan.ts'
import { runProgram } from '../run-program.ts'
import type { VolumeSettings } from '../volume-hints.ts'
import { LibvirtProvider } from './libvirt-provider.ts'

/** Nobody's number: an unprivileged user that owns the disks and runs QEMU. */
export const OWNER = { uid: 64_999, gid: 64_999 }

export const virsh = (...args: string[]) =>
  runProgram('virsh', ['--quiet', '-c', 'qemu:///system', ...args])

/** A provider of its own, with a folder that goes with the test. */
export async function open(t: TestContext) {
  const folder = await mkdtemp('/tmp/landfall-provider-')
  t.after(() => rm(folder, { recursive: true }))
  await chmod(folder, 0o711)
  const makeDisks = async (instanceID: string, size = '64M') => {
    const disks = ['/dev/sda', '/dev/sdb'].map((deviceName, index) => ({
      deviceName,
      path: join(folder, `${instanceID} & ${index}.qcow2`),
    }))
    for (const [index, { path }] of disks.entries()) {
      const base = join(folder, `${instanceID}-base-${index}.qcow2`)
      await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', base, size])
      const overlay = ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, path]
      await runProgram('qemu-img', overlay)
      for (const file of [base, path]) await chown(file, OWNER.uid, OWNER.gid)
    }
    return disks
  }
  const [instancesDir, imagesDir] = [join(folder, 'instances'), join(folder, 'images')]
  const provider = new LibvirtProvider({ instancesDir, imagesDir, owner: OWNER })
  return { provider, makeDisks, folder }
}

interface Wishes extends Partial<LaunchPlanInput> {
  /** Of the first disk. */
  readonly volume?: VolumeSettings
  /** A raw image that the first disk holds; else it is empty. */
  readonly imagePath?: string
  /** Of each disk, in QEMU's words. */
  readonly diskSize?: string
}

/** An instance that ends with the test. Its two disks are overlays on bases of the same size. */
export async function launched(
  t: TestContext,
  { volume, imagePath, diskSize, ...wishes }: Wishes = {},
) {
  const opened = await open(t)
  const instanceID = newId('instance')
  const [first, ...others] = await opened.makeDisks(instanceID, diskSize)
  assert.ok(first)
  if (imagePath !== undefined) {
    const convert = ['convert', '-n', '-f', 'raw', '-O', 'qcow2', imagePath, first.path]
    await runProgram('qemu-img', convert)
  }
  const disks = [{ ...first, ...(volume && { volume }) }, ...others]
  const plan = createLaunchPlan({
    instanceID,
    name: 'test',
    instanceType: 't3.nano',
    firmware: 'bios',
    disks,
    tags: {},
    start: true,
    accelerator: 'tcg',
    ...wishes,
  })
  t.after(() => opened.provider.terminate(instanceID))
  await opened.provider.launch(plan)
  return { ...opened, instanceID, disks }
}
