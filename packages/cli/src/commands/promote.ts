import { Command } from 'commander'
import { connect } from '../service-client/connect.ts'
import type { SourceServer } from '../status/source-servers.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface PromoteOptions extends ServiceOptions {
  readonly discardSourceWritesSince?: string
}

const NOTE = `
For a server that is READY_FOR_CUTOVER: its test instance becomes the cutover instance, where
start-cutover would launch a new one from a fresh point. The instance goes on as it is, with what
was written on it since. What was written on the SOURCE since the test instance's point is not on
it: that is lost. Without the option the command says which moment that is, and changes nothing.
Then finalize-cutover, or revert with change-server-life-cycle-state, as after start-cutover.
`

/** `landfall promote`: makes the tested instance the cutover instance. */
export function promoteCommand({ output, signal }: CommandContext): Command {
  return new Command('promote')
    .description("make a server's test instance its cutover instance, without a new launch")
    .argument('<server>', 'source server ID, s-…')
    .option(
      '--discard-source-writes-since <time>',
      "the moment of the instance's point; what the source wrote since is lost",
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['promote s-0123456789abcdef0', 'says from which moment the instance is'],
          [
            'promote s-0123456789abcdef0 --discard-source-writes-since 2026-01-10T09:01:00.000Z',
            'promotes it',
          ],
        ]),
    )
    .action(async (sourceServerID: string, options: PromoteOptions) => {
      const client = await connect(options.dataDir)
      const { discardSourceWritesSince } = options
      const server = await client.landfall<SourceServer>(
        'PromoteTestInstance',
        { sourceServerID, ...(discardSourceWritesSince && { discardSourceWritesSince }) },
        signal,
      )
      const instanceID = server.launchedInstance?.ec2InstanceID ?? '-'
      output.line(
        options.json
          ? JSON.stringify(server, null, 2)
          : `${instanceID} is the cutover instance of ${sourceServerID}, which is ` +
              `${server.lifeCycle?.state ?? '-'}. Finalize the cutover, or revert it.`,
      )
    })
}
