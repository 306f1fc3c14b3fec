import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { XMLBuilder } from 'fast-xml-parser'
import { applianceDevice } from './device-names.ts'
import type { ToolRunner } from './tool-runner.ts'

export interface ConverterInput {
  readonly disks: readonly { readonly path: string }[]
  readonly workDir: string
}

/** virt-v2v's own progress line: `[  67.5] Converting Debian GNU/Linux 12 … to run on KVM`. */
const PROGRESS_LINE = /^\[\s*[\d.]+\] (.+)$/

/**
 * Makes the system on the disks boot on KVM with virtio devices, in place: drivers into the initial
 * ramdisk, boot loader and device names adapted. It rebuilds the initial ramdisk inside an emulated
 * machine, which is most of its time.
 */
export async function runConverter(
  tools: ToolRunner,
  input: ConverterInput,
  onMessage: (message: string) => void,
): Promise<void> {
  const description = join(input.workDir, 'source.xml')
  await writeFile(description, describe(input.disks), { mode: 0o644 })
  let rest = ''
  await tools.run(
    'virt-v2v-in-place',
    // A machine with several systems starts the first; nobody is there to be asked.
    ['-i', 'libvirtxml', description, '--root', 'first'],
    {
      logsOutput: true,
      onOutput: (chunk) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const message = PROGRESS_LINE.exec(line)?.[1]
          if (message !== undefined) onMessage(message)
        }
      },
    },
  )
}

/** The least libvirt XML that names all disks: `-i disk` takes only one. */
function describe(disks: ConverterInput['disks']): string {
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', format: true }
  return new XMLBuilder(options).build({
    domain: {
      '@type': 'kvm',
      name: 'source',
      memory: { '@unit': 'MiB', '#text': 1024 },
      vcpu: 1,
      os: { type: { '@arch': 'x86_64', '#text': 'hvm' } },
      devices: {
        disk: disks.map(({ path }, index) => ({
          '@type': 'file',
          '@device': 'disk',
          driver: { '@name': 'qemu', '@type': 'qcow2' },
          source: { '@file': path },
          target: { '@dev': applianceDevice(index).slice('/dev/'.length), '@bus': 'sata' },
        })),
      },
    },
  })
}
