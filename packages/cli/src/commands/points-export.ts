import { Command, Option } from 'commander'
import { EXPORT_FORMATS, type ExportFormat } from '../disk-export.ts'
import { exportPoint } from '../points/export-point.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface ExportOptions extends ServiceOptions {
  readonly point: string
  readonly disk: string
  readonly to: string
  readonly format: ExportFormat
  readonly force?: true
}

export function exportCommand({ output, signal }: CommandContext): Command {
  return new Command('export')
    .description('write one disk of a point to a file')
    .argument('<server>', 'source server ID, s-…')
    .requiredOption('--point <id>', 'the point, from `landfall points list`')
    .requiredOption('--disk <device>', 'the disk, as the source calls it')
    .requiredOption('--to <file>', 'the file to write')
    .addOption(
      new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default('raw'),
    )
    .option('--force', 'replace the file when it exists')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        [
          'points export s-0123456789abcdef0 --point point-0123456789abcdef0 --disk /dev/sda --to sda.raw',
          'a raw, sparse image of the disk at that moment',
        ],
      ]),
    )
    .action(async (server: string, options: ExportOptions) => {
      const client = await connect(options.dataDir)
      await exportPoint(client, {
        sourceServerID: server,
        pointID: options.point,
        deviceName: options.disk,
        file: options.to,
        format: options.format,
        force: options.force ?? false,
        onProgress: (percent) =>
          output.progress(`Exporting ${options.disk}: ${percent.toFixed(0)} %`),
        signal,
      })
      const result = { file: options.to, format: options.format, pointID: options.point }
      output.line(
        options.json
          ? JSON.stringify(result, null, 2)
          : `Wrote ${options.disk} of ${options.point} to ${options.to} (${options.format}).`,
      )
    })
}
