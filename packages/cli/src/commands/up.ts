import { Command } from 'commander'
import { type CommandContext, dataDirOption, examples, jsonOption } from './context.ts'
import { parseList, parsePort } from './numbers.ts'

/** The service's port: a port any user may open, as 443 is often taken by a web server. */
const PORT_DEFAULT = 8443
/** MGN's port for replication. */
const REPLICATION_PORT_DEFAULT = 1500

export interface UpOptions {
  readonly dataDir: string
  readonly json?: true
  readonly port: number
  readonly replicationPort: number
  readonly address: readonly string[]
  readonly region?: string
  readonly accountId?: string
  readonly detach?: true
}

/** `landfall up`: starts an installation, the first time making it. */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description('start the service, its database and a local staging area')
    .addOption(dataDirOption())
    .option('--port <port>', 'TCP port of the service', parsePort, PORT_DEFAULT)
    .option(
      '--replication-port <port>',
      'TCP port for replication data',
      parsePort,
      REPLICATION_PORT_DEFAULT,
    )
    .option('--address <list>', 'more addresses at which agents reach this machine', parseList, [])
    .option('--region <name>', 'region in every ARN; only at the first start')
    .option('--account-id <digits>', 'account in every ARN; only at the first start')
    .option('--detach', 'run in the background; return when everything is ready')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['up', 'runs in the foreground until interrupted'],
        ['up --detach', 'runs in the background; `landfall down` stops it'],
        [
          'up --data-dir /srv/landfall --port 9443 --replication-port 1501',
          'a second installation',
        ],
        ['up --address migrate.example.org,203.0.113.7', 'agents come through other addresses'],
      ]),
    )
    .action(async (options: UpOptions) => {
      if (options.detach) {
        const { upDetached } = await import('../up/up-detached.ts')
        await upDetached(context, options)
      } else {
        const { upHere } = await import('../up/up-here.ts')
        await upHere(context, options)
      }
    })
}
