import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { type CommandContext, examples } from './context.ts'

/** On a disk, where /tmp is often memory; a short path, as sockets below it need one. */
const WORK_DIRECTORY_DEFAULT = '/var/tmp/landfall-demo'

export interface DemoOptions {
  readonly workDir: string
  readonly accelerator?: 'kvm' | 'tcg'
  readonly keep?: true
  readonly awsCli?: string
}

/** `landfall demo`: the whole story on one machine. */
export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('move a running Debian server from foreign hardware onto KVM, before your eyes')
    .option(
      '--work-dir <directory>',
      "for the built image (kept for the next time) and the demo's own installation",
      (text: string) => resolve(text),
      WORK_DIRECTORY_DEFAULT,
    )
    .addOption(new Option('--accelerator <name>', 'instead of finding out').choices(['kvm', 'tcg']))
    .option('--aws-cli <program>', 'give the commands of the life cycle through this AWS CLI')
    .option('--keep', 'leave the source, the installation and the instance running')
    .addHelpText(
      'after',
      examples([
        ['demo', 'about 25 minutes under software emulation, 8 with KVM'],
        ['demo --aws-cli /usr/bin/aws', 'the operator of the story uses the AWS command line'],
        ['demo --keep', 'afterwards look around with `landfall status --data-dir …`'],
      ]),
    )
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('../demo/run-demo.ts')
      await runDemo(context, options)
    })
}
