import { Command } from 'commander'
import { exportPoint } from '../points/export-point.ts'
import { connect } from '../service-client/connect.ts'
import { type CommandContext, examples } from './context.ts'
import { addExportOptions, type ExportOptions } from './export-options.ts'

interface PointExportOptions extends ExportOptions {
  readonly point: string
}

export function exportCommand({ output, signal }: CommandContext): Command {
  const command = new Command('export')
    .description('write one disk of a point to a file')
    .argument('<server>', 'source server ID, s-…')
    .requiredOption('--point <id>', 'the point, from `landfall points list`')
  return addExportOptions(command, 'raw')
    .addHelpText(
      'after',
      examples([
        [
          'points export s-0123456789abcdef0 --point point-0123456789abcdef0 --disk /dev/sda --to sda.raw',
          'a raw, sparse image of the disk at that moment',
        ],
      ]),
    )
    .action(async (server: string, options: PointExportOptions) => {
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
