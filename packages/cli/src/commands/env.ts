import { Command } from 'commander'
import { awsVariables } from '../service-client/aws-variables.ts'
import { quoteForShell } from '@landfall/model'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

/** `landfall env`: what the AWS command line and SDKs need to speak to this installation. */
export function envCommand({ output }: CommandContext): Command {
  return new Command('env')
    .description('print the variables with which the AWS command line uses this installation')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['env', 'shows the exports, for /bin/sh'],
        ['env --data-dir /srv/landfall', 'those of another installation'],
      ]) +
        '\nIn a shell:\n' +
        '  $ eval "$(landfall env)"; aws mgn describe-source-servers\n' +
        '  An AWS CLI older than 2.13 also needs: --endpoint-url "$AWS_ENDPOINT_URL"\n',
    )
    .action(async ({ dataDir, json }: ServiceOptions) => {
      const variables = await awsVariables(dataDir)
      if (json) {
        output.line(JSON.stringify(variables, null, 2))
        return
      }
      for (const [name, value] of Object.entries(variables)) {
        output.line(`export ${name}=${quoteForShell(value)}`)
      }
    })
}
