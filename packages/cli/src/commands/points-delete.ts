import { Command } from 'commander'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface DeleteOptions extends ServiceOptions {
  readonly point: string
}

interface DeletedPoint {
  readonly pointID: string
  readonly state: 'DELETED' | 'DELETING'
}

/** `landfall points delete`: gives a point's room back before its time. */
export function deleteCommand({ output, signal }: CommandContext): Command {
  return new Command('delete')
    .description('delete a point; replication goes on meanwhile')
    .argument('<server>', 'source server ID, s-…')
    .requiredOption('--point <id>', 'the point, from `landfall points list`')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe newest point stays, as a launch needs it; so does one that an instance, a launch or an\n' +
        'export uses, and all before it.\n' +
        examples([
          [
            'points delete s-0123456789abcdef0 --point point-0123456789abcdef0',
            'returns once it is gone, or after a while with the rest done in the background',
          ],
        ]),
    )
    .action(async (server: string, options: DeleteOptions) => {
      const client = await connect(options.dataDir)
      const input = { sourceServerID: server, pointID: options.point }
      const deleted = await client.landfall<DeletedPoint>('DeletePoint', input, signal)
      output.line(
        options.json
          ? JSON.stringify(deleted, null, 2)
          : deleted.state === 'DELETED'
            ? `Deleted ${deleted.pointID}.`
            : `${deleted.pointID} is being deleted; it leaves \`landfall points list\` when done.`,
      )
    })
}
