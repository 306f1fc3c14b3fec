import { LandfallError } from '@landfall/model'
import { Command } from 'commander'
import { differentBytes, verify } from '../points/verify-point.ts'
import { connect } from '../service-client/connect.ts'
import { formatBytes, formatTable } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

export function verifyCommand({ output, signal }: CommandContext): Command {
  return new Command('verify')
    .description("compare the replica's hashes with the source's")
    .argument('<server>', 'source server ID, s-…')
    .option('--point <id>', 'a point; without it the replica as it is now')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['points verify s-0123456789abcdef0', 'exit status 0 when nothing differs'],
        ['points verify s-0123456789abcdef0 --point point-0123456789abcdef0', 'a kept point'],
      ]),
    )
    .action(async (server: string, options: ServiceOptions & { readonly point?: string }) => {
      const client = await connect(options.dataDir)
      const pointID = options.point === undefined ? {} : { pointID: options.point }
      const report = await verify(client, { sourceServerID: server, ...pointID }, signal)
      if (options.json) {
        output.line(JSON.stringify(report, null, 2))
      } else {
        const rows = report.disks.map((disk) => [
          disk.deviceName,
          formatBytes(disk.comparedBytes),
          formatBytes(disk.equalBytes),
          formatBytes(disk.changedBytes),
          formatBytes(disk.differentBytes),
        ])
        const header = ['DISK', 'COMPARED', 'EQUAL', 'CHANGED MEANWHILE', 'DIFFERENT']
        output.line(formatTable(header, rows))
      }
      const different = differentBytes(report)
      if (different === 0) return
      const offsets = report.disks.flatMap((disk) =>
        disk.differentOffsets.map((offset) => `${disk.deviceName} at ${offset}`),
      )
      throw new LandfallError(
        'internal',
        `${formatBytes(different)} of ${server} differ between source and replica without having ` +
          `been written meanwhile (${offsets.join(', ')}). This is a defect: it was counted, and is ` +
          `sent again to the replica (landfall scrub ${server}). Please report it.`,
      )
    })
}
