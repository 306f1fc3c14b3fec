import { Command, CommanderError } from 'commander'
import { LandfallError, errorCode, errorText } from '@landfall/model'
import manifest from '../package.json' with { type: 'json' }
import { actionsCommand } from './commands/actions.ts'
import { auditCommand } from './commands/audit.ts'
import { bucketsCommand } from './commands/buckets.ts'
import type { CommandContext } from './commands/context.ts'
import { demoCommand } from './commands/demo.ts'
import { diskKeysCommand } from './commands/disk-keys.ts'
import { downCommand } from './commands/down.ts'
import { envCommand } from './commands/env.ts'
import { imagesCommand } from './commands/images.ts'
import { instancesCommand } from './commands/instances.ts'
import { inventoryCommand } from './commands/inventory.ts'
import { launchPlanCommand } from './commands/launch-plan.ts'
import { launchSettingsCommand } from './commands/launch-settings.ts'
import { pointsCommand } from './commands/points.ts'
import { preflightCommand } from './commands/preflight.ts'
import { promoteCommand } from './commands/promote.ts'
import { rehearsalCommand } from './commands/rehearsal.ts'
import { scrubCommand } from './commands/scrub.ts'
import { statusCommand } from './commands/status.ts'
import { testCommand } from './commands/test.ts'
import { upCommand } from './commands/up.ts'
import { usersCommand } from './commands/users.ts'
import { webhookCommand } from './commands/webhook.ts'
import { EXIT_CODES } from './exit-codes.ts'

const COMMANDS = [
  upCommand,
  downCommand,
  statusCommand,
  envCommand,
  usersCommand,
  pointsCommand,
  preflightCommand,
  rehearsalCommand,
  launchSettingsCommand,
  scrubCommand,
  diskKeysCommand,
  instancesCommand,
  imagesCommand,
  launchPlanCommand,
  promoteCommand,
  actionsCommand,
  inventoryCommand,
  bucketsCommand,
  auditCommand,
  webhookCommand,
  demoCommand,
  testCommand,
]

/** Exit status after an interrupt: that of a program ended by SIGINT, as shells count. */
const INTERRUPTED = 130

/** Runs `landfall` with the arguments of a command line (without node's own); its exit status. */
export async function runCommandLine(
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  try {
    await program(context).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.validation
    if (context.signal.aborted) {
      context.output.note('landfall: interrupted; what this command had started is ended.')
      return INTERRUPTED
    }
    context.output.note(`landfall: ${errorText(error)}`)
    // A defect: whoever looks into it needs to know where.
    if (!(error instanceof LandfallError) && error instanceof Error) {
      context.output.note(error.stack ?? '')
    }
    return EXIT_CODES[errorCode(error)]
  }
}

function program(context: CommandContext): Command {
  const root = new Command('landfall')
    .description('Self-hosted application migration: moves running servers onto KVM.')
    .version(manifest.version)
    .addHelpText(
      'after',
      '\nThe whole story on one machine, from nothing:\n  $ landfall demo\n' +
        '\nExit status: 0 success' +
        Object.entries(EXIT_CODES)
          .map(([code, status]) => `, ${status} ${code.replaceAll('_', ' ')}`)
          .join('') +
        '.\n',
    )
  for (const make of COMMANDS) root.addCommand(make(context))
  return throwing(root)
}

/** Commander ends the process by itself unless every command is told not to. */
function throwing(command: Command): Command {
  command.exitOverride()
  command.showHelpAfterError('(--help shows the options and examples)')
  for (const sub of command.commands) throwing(sub)
  return command
}
