import { Command } from 'commander'
import { type InstanceChanges, type InstanceDetails, LandfallError } from '@landfall/model'
import { connect } from '../service-client/connect.ts'
import { describeInstance } from '../status/instance.ts'
import { formatBytes, formatTable } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'
import { addExportOptions, exportDisk, type ExportOptions } from './export-options.ts'

/** `landfall instances`: what is on the disks of launched instances. */
export function instancesCommand(context: CommandContext): Command {
  return new Command('instances')
    .description('what launched instances have written, and their disks as files')
    .addCommand(changesCommand(context))
    .addCommand(exportCommand(context))
}

function changesCommand({ output, signal }: CommandContext): Command {
  return new Command('changes')
    .description('how much an instance has written since its launch: what a revert throws away')
    .argument('<instance>', 'instance ID, i-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nCounted in clusters that were written, so that it is at least what changed. Once a cutover is\n' +
        'finalized the disks stand alone, and there is nothing to go back to.\n' +
        examples([['instances changes i-0123456789abcdef0', 'a row for each disk']]),
    )
    .action(async (instanceID: string, { dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const input = { instanceID }
      const changes = await client.landfall<InstanceChanges>(
        'DescribeInstanceChanges',
        input,
        signal,
      )
      output.line(json ? JSON.stringify(changes, null, 2) : table(changes))
    })
}

function exportCommand(context: CommandContext): Command {
  const command = new Command('export')
    .description('write one disk of a stopped instance to a file')
    .argument('<instance>', 'instance ID, i-…')
  return addExportOptions(command, 'qcow2')
    .addHelpText(
      'after',
      examples([
        [
          'instances export i-0123456789abcdef0 --disk /dev/sda --to web01.vmdk --format vmdk',
          'a disk that boots on KVM, for another place',
        ],
      ]),
    )
    .action(async (instanceID: string, options: ExportOptions) => {
      await exportDisk(context, options, {
        name: 'Instance',
        idMember: 'instanceID',
        id: instanceID,
        async disks() {
          const client = await connect(options.dataDir)
          const instance = await describeInstance(client, instanceID, context.signal)
          requireStopped(instance)
          return instance.disks
        },
      })
    })
}

/** What runs writes on: a copy would be of no moment. */
function requireStopped({ instanceID, state }: InstanceDetails): void {
  if (state === 'stopped') return
  const message =
    `Instance ${instanceID} is ${state}: its disks are copied only while it is stopped. ` +
    `Stop it with "aws ec2 stop-instances --instance-ids ${instanceID}".`
  throw new LandfallError('conflict', message)
}

function table({ disks }: InstanceChanges): string {
  const rows = disks.map(({ deviceName, writtenBytes: bytes }) => [deviceName, formatBytes(bytes)])
  return formatTable(['DISK', 'WRITTEN'], rows)
}
