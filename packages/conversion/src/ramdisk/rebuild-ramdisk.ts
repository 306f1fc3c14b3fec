import { LandfallError, errorText } from '@landfall/model'

/** Whatever builds initial ramdisks in a guest, told to make one with just these modules. */
export type Generator = 'initramfs-tools' | 'dracut'

export interface RamdiskRequest {
  readonly generator: Generator
  readonly kernelVersion: string
  /** Where the boot loader finds it; replaced at once when the new one is whole. */
  readonly path: string
  /** All that it is to have: those it has had, and those the target needs. */
  readonly modules: readonly string[]
}

/** Programs of the guest are run by it. */
export interface GuestPrograms {
  run(script: string): Promise<string>
}

/** No word of a shell: modules and paths come from the guest's own files. */
const KERNEL_VERSION = /^[A-Za-z0-9._+~-]+$/
const MODULE = /^[A-Za-z0-9_]+$/
const PATH = /^\/[A-Za-z0-9._+~/-]+$/

/**
 * Makes a kernel's initial ramdisk anew by the guest's own generator, which knows what else belongs
 * in it. What is added is named module by module: the generator would look at the appliance's
 * hardware, not at the target's. The guest's settings stay as they are.
 */
export async function rebuildRamdisk(guest: GuestPrograms, request: RamdiskRequest): Promise<void> {
  const { generator, kernelVersion, path, modules } = request
  if (!KERNEL_VERSION.test(kernelVersion) || !PATH.test(path)) {
    throw new Error(`unusable names: ${JSON.stringify([kernelVersion, path])}`)
  }
  const script = SCRIPTS[generator]({
    kernelVersion,
    path,
    modules: modules.filter((name) => MODULE.test(name)).join(' '),
  })
  try {
    await guest.run(script)
  } catch (cause) {
    const message =
      `The initial ramdisk ${path} could not be made with drivers for KVM by the guest's own ` +
      `${generator}: ${errorText(cause)}. See that "${REMEDIES[generator]} ${kernelVersion}" works ` +
      'on the source server and that /boot has room, and launch again.'
    throw new LandfallError('unavailable', message, { cause })
  }
}

const REMEDIES = { 'initramfs-tools': 'update-initramfs -u -k', dracut: 'dracut --force --kver' }

type Words = { kernelVersion: string; path: string; modules: string }

/**
 * The new one is made beside the old one. Output goes where errors go: it is the log's, and what is
 * told of a failure.
 */
const SCRIPTS: Readonly<Record<Generator, (words: Words) => string>> = {
  'initramfs-tools': ({ kernelVersion, path, modules }) => `
set -e
exec 1>&2
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
settings=$(mktemp -d /var/tmp/landfall-XXXXXX)
trap 'rm -rf "$settings" ${path}.landfall' EXIT
cp -a /etc/initramfs-tools/. "$settings/"
mkdir -p "$settings/conf.d"
echo MODULES=list > "$settings/conf.d/zz-landfall"
printf '\\n%s' ${modules} >> "$settings/modules"
echo >> "$settings/modules"
mkinitramfs -d "$settings" -o ${path}.landfall ${kernelVersion}
mv ${path}.landfall ${path}
`,
  dracut: ({ kernelVersion, path, modules }) => `
set -e
exec 1>&2
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap 'rm -f ${path}.landfall' EXIT
dracut --force --quiet --no-hostonly --no-hostonly-cmdline --drivers '${modules}' \\
  ${path}.landfall ${kernelVersion}
mv ${path}.landfall ${path}
`,
}
