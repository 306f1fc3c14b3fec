import { type Command, Option } from 'commander'
import { EXPORT_FORMATS, type ExportFormat } from '../disk-export.ts'
import { dataDirOption, jsonOption, type ServiceOptions } from './context.ts'

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
