import { type Command, Option } from 'commander'
import { EXPORT_FORMATS, type ExportFormat, findDisk, writeDisk } from '../disk-export.ts'
import { refuseToOverwrite } from '../refuse-to-overwrite.ts'
import { type CommandContext, dataDirOption, jsonOption, type ServiceOptions } from './context.ts'

/** What every command takes that writes one disk to a file. */
export interface ExportOptions extends ServiceOptions {
  readonly disk: string
  readonly to: string
  readonly format: ExportFormat
  readonly force?: true
}

export function addExportOptions(command: Command, format: ExportFormat): Command {
  return command
    .requiredOption('--disk <device>', 'the disk, as the source calls it')
    .requiredOption('--to <file>', 'the file to write')
    .addOption(
      new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default(format),
    )
    .option('--force', 'replace the file when it exists')
    .addOption(dataDirOption())
    .addOption(jsonOption())
}

/** What has disks in files of its own. */
interface DiskOwner {
  /** What it is, as an error begins. */
  readonly name: 'Image' | 'Instance'
  /** What its ID is called in JSON. */
  readonly idMember: string
  readonly id: string
  /** Asked for once the file may be written; throws where its disks cannot be copied now. */
  readonly disks: () => Promise<readonly { readonly deviceName: string; readonly path: string }[]>
}

/** Writes the disk that the options name to their file, and says so. */
export async function exportDisk(
  { output, signal }: CommandContext,
  { to: file, format, disk: deviceName, force, json }: ExportOptions,
  { name, idMember, id, disks }: DiskOwner,
): Promise<void> {
  if (force === undefined) await refuseToOverwrite(file)
  const disk = findDisk(await disks(), deviceName, `${name} ${id}`)
  await writeDisk(disk.path, {
    file,
    format,
    onProgress: (percent) => output.progress(`Exporting ${deviceName}: ${percent.toFixed(0)} %`),
    signal,
  })
  output.line(
    json
      ? JSON.stringify({ file, format, [idMember]: id }, null, 2)
      : `Wrote ${deviceName} of ${id} to ${file} (${format}).`,
  )
}
