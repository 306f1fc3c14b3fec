import { quoteForShell } from '@landfall/model'

interface DisksToExport {
  /** What is before the disk: `landfall points export s-… --point point-…`. */
  readonly command: readonly string[]
  readonly deviceNames: readonly string[]
  /** What the files are called by. */
  readonly name: string
}

/** A command for each disk, which writes it to a file on the machine of the service. */
export function exportCommands({ command, deviceNames, name }: DisksToExport): string {
  return deviceNames
    .map((device) => {
      const file = `${name}-${device.split('/').at(-1)}.qcow2`
      const words = [...command, '--disk', device, '--to', file, '--format', 'qcow2']
      return words.map(quoteForShell).join(' ')
    })
    .join('\n')
}

/** Where the commands are run. */
export const EXPORT_PLACE = 'On the machine of the service, as root. Formats: qcow2, raw and vmdk.'
