import type { LaunchPlanView } from '@landfall/model'
import { Command } from 'commander'
import { describeLaunchPlan } from '../launch/launch-plan-view.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

const NOTE = `
Says what the next launch would make of the server's launch settings and launch template as they
are now, a test instance or, from READY_FOR_CUTOVER on, the cutover instance, and everything that
would refuse it. Nothing is changed. docs/launch-settings.md tells what each setting does.
`

/** `landfall launch-plan`: what a launch would make, before it is started. */
export function launchPlanCommand({ output, signal }: CommandContext): Command {
  return new Command('launch-plan')
    .description('show what would be launched from a server, and what would refuse it')
    .argument('<server>', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['launch-plan s-0123456789abcdef0', 'type and why, memory, firmware, disks, tags'],
          [
            'launch-plan s-0123456789abcdef0 --json',
            '`problems` is empty where it can be launched',
          ],
        ]),
    )
    .action(async (sourceServerID: string, options: ServiceOptions) => {
      const client = await connect(options.dataDir)
      const plan = await client.landfall<LaunchPlanView>(
        'GetLaunchPlan',
        { sourceServerID },
        signal,
      )
      output.line(options.json ? JSON.stringify(plan, null, 2) : describeLaunchPlan(plan))
    })
}
