import { Command } from 'commander'
import { connect } from '../service-client/connect.ts'
import { describePreflight, getPreflight } from '../status/preflight.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

const NOTE = `
The agent looks at its server every hour, the staging area at its newest points. A blocker keeps
nobody from starting a launch: it says what would become of it. docs/preflight.md lists the rules.
`

/** `landfall preflight`: what would go wrong at a launch. */
export function preflightCommand({ output, signal }: CommandContext): Command {
  return new Command('preflight')
    .description('show what would go wrong at a launch of a server, and what to do about it')
    .argument('<server>', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['preflight s-0123456789abcdef0', 'findings by severity, each with its remedy'],
          ['preflight s-0123456789abcdef0 --json', 'for a program, with the IDs of the rules'],
        ]),
    )
    .action(async (sourceServerID: string, options: ServiceOptions) => {
      const client = await connect(options.dataDir)
      const report = await getPreflight(client, sourceServerID, signal)
      output.line(options.json ? JSON.stringify(report, null, 2) : describePreflight(report))
    })
}
