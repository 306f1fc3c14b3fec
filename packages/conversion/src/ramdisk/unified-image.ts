import { driversNeeded, isHardwareName, type GuestFacts } from '@landfall/guest'
import { LandfallError } from '@landfall/model'

/**
 * Refuses a guest that boots from a unified kernel image with which it would not come up. It is one
 * file, often signed, that only the source's own tools make anew. `isStale`: the settings that are
 * copied into ramdisks had to be changed.
 */
export function requireUsableImage(facts: GuestFacts, image: string, isStale: boolean): void {
  const needs = driversNeeded(facts)
  const { root = '' } = facts.boot
  if (needs.kind === 'initramfs') {
    const modules = needs.modules.join(', ')
    const remedy =
      'Add them to the initial ramdisk on the source server, build the image anew there'
    throw refusal(image, `lacks drivers for KVM in its initial ramdisk (${modules})`, remedy)
  }
  if (isHardwareName(root)) {
    const remedy = 'Name the root by UUID= in /etc/kernel/cmdline there, build the image anew'
    throw refusal(image, `tells its kernel root=${root}, which is another device on KVM`, remedy)
  }
  if (isStale) {
    const what = 'has a copy of /etc/crypttab that names devices of the source'
    throw refusal(image, what, 'Name them by UUID= there, build the image anew')
  }
}

function refusal(image: string, what: string, remedy: string): LandfallError {
  return new LandfallError(
    'unavailable',
    `The guest boots from the unified kernel image ${image}, which ${what}; the conversion does not ` +
      `change such images. ${remedy}, and launch again.`,
  )
}
