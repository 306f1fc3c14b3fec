import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { DEFAULT_INSTALL_DIR } from './agent-files.ts'
import type { InstallFlags } from './install/answers.ts'

const EXAMPLES = `
Missing answers are asked for. Region, address, keys and CA file are also taken from AWS_REGION,
AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CA_BUNDLE,
which keeps the secret out of the process list. The proxy on the way to the service is taken from
https_proxy and no_proxy, and kept for the agent. Replication itself (TCP 1500) uses no proxy.

Examples:
  Ask for everything:
    sudo sh landfall-replication-installer-init --ca-file ca.crt
  Ask for nothing, replicate all disks:
    sudo AWS_ACCESS_KEY_ID=AKIA... AWS_SECRET_ACCESS_KEY=... \\
      sh landfall-replication-installer-init --no-prompt --region lf-local-1 \\
      --endpoint https://landfall.example:8443 --ca-file ca.crt --tags team=web stage=prod
  Replicate the root disk and one more:
    sudo sh landfall-replication-installer-init --devices /dev/sdb
  Reach the service through a proxy (sudo passes no variables on by itself):
    sudo https_proxy=http://proxy.example:3128 sh landfall-replication-installer-init
  Remove the agent:
    sudo /var/lib/landfall-agent/uninstall-agent.sh
`

/** What the program can be told to do. */
export interface ProgramActions {
  install(flags: InstallFlags): Promise<void>
  run(installDir: string): Promise<void>
  /** Prints what the server is made of: what `run` starts for it. */
  look(): Promise<void>
  uninstall(installDir: string): Promise<void>
}

/** The command line. Without a command it installs, as MGN's installer does. */
export function createProgram(actions: ProgramActions): Command {
  const program = addInstallFlags(new Command('landfall-replication-installer-init'))
    .version(manifest.version, '--version', 'show the version')
    .enablePositionalOptions()
    .exitOverride()
    .action((flags: InstallFlags) => actions.install(flags))
  program
    .command('run', { hidden: true })
    .option('--install-dir <dir>', '', DEFAULT_INSTALL_DIR)
    .action(({ installDir }: { installDir: string }) => actions.run(installDir))
  program.command('look', { hidden: true }).action(() => actions.look())
  program
    .command('uninstall')
    .description('stop the agent and remove everything it made')
    .option('--install-dir <dir>', 'where the agent is installed', DEFAULT_INSTALL_DIR)
    .helpOption('--help', 'show this help')
    .action(({ installDir }: { installDir: string }) => actions.uninstall(installDir))
  return program
}

/** The text of `--help`. */
export function helpText(): string {
  const nothing = async () => {}
  let text = ''
  const program = createProgram({
    install: nothing,
    run: nothing,
    look: nothing,
    uninstall: nothing,
  })
  program.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 })
  program.outputHelp()
  return text
}

/** MGN's flags, with the same names and meanings, and Landfall's own. */
function addInstallFlags(program: Command): Command {
  return program
    .description('Installs the Landfall Replication Agent on this server and starts replication.')
    .option('--region <region>', 'Region of the service')
    .option('--aws-access-key-id <id>', 'access key ID with the agent installation policy')
    .option(
      '--aws-secret-access-key <key>',
      'its secret access key (ps shows it; prefer the prompt)',
    )
    .option('--aws-session-token <token>', 'session token, for temporary credentials')
    .option('--no-prompt', 'ask nothing; replicate all disks unless --devices names some')
    .option('--devices <paths>', 'disks to replicate, separated by commas; the root disk always is')
    .option('--force-volumes', 'no disk detection: replicate exactly --devices, of any kind')
    .option('--tags <key=value...>', 'tags for the source server, when it is new to the service')
    .option('--s3-endpoint <host>', 'accepted for MGN; has no meaning here')
    .option('--endpoint <url>', 'address of the service: https://HOST:8443')
    .option('--dualstack', 'accepted for MGN; has no meaning here')
    .option('--user-provided-id <id>', 'your own name for the server; cannot be changed later')
    .option('--no-replication', 'register the server, start replicating later')
    .option('--ca-file <file>', "the service's CA certificate (ca/ca.crt of its data directory)")
    .option('--install-dir <dir>', 'where to install', DEFAULT_INSTALL_DIR)
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
}
