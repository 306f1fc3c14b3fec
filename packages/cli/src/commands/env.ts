import { Command } from 'commander'
import { requireConfiguration } from '../installation/configuration.ts'
import { readCredentials } from '../installation/credentials.ts'
import { pathsOf } from '../installation/data-directory.ts'
import { quoteForShell } from '../shell-quote.ts'
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
      const paths = pathsOf(dataDir)
      const configuration = await requireConfiguration(paths)
      const credentials = await readCredentials(paths)
      const variables = {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL: `https://127.0.0.1:${configuration.port}`,
        AWS_CA_BUNDLE: paths.certificateAuthority,
        AWS_REGION: configuration.region,
        // The AWS CLI before 2.13 knows only this name.
        AWS_DEFAULT_REGION: configuration.region,
      }
      if (json) {
        output.line(JSON.stringify(variables, null, 2))
        return
      }
      for (const [name, value] of Object.entries(variables)) {
        output.line(`export ${name}=${quoteForShell(value)}`)
      }
    })
}
