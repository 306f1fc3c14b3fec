import { Command } from 'commander'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

/** `landfall down`: stops an installation. */
export function downCommand(context: CommandContext): Command {
  return new Command('down')
    .description('stop the service, its database and the staging area; instances go on running')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['down', 'stops the installation in the default data directory'],
        ['down --data-dir /srv/landfall', 'another one; replication resumes at its next `up`'],
      ]),
    )
    .action(async ({ dataDir, json }: ServiceOptions) => {
      const { stopInstallation } = await import('../down/stop-installation.ts')
      const stopped = await stopInstallation(dataDir, context)
      if (json) context.output.line(JSON.stringify({ stopped }))
      else context.output.line(stopped ? 'Stopped.' : `Nothing runs in ${dataDir}.`)
    })
}
