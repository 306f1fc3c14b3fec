import { replicationWarnings, stagesOf } from '@landfall/model'
import { Command } from 'commander'
import { connect } from '../service-client/connect.ts'
import { type InstallationStatus, describeInstallation } from '../status/installation-view.ts'
import { describeServer, serverTable } from '../status/server-view.ts'
import { instanceOf } from '../status/instance.ts'
import { countPreflight, countsText } from '../status/preflight.ts'
import { describeReplication } from '../status/replication.ts'
import { describeScrub } from '../status/scrub.ts'
import { describeStages } from '../status/stages.ts'
import { getSourceServer, listSourceServers } from '../status/source-servers.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

/** `landfall status`: how the installation and its source servers are. */
export function statusCommand({ output, signal }: CommandContext): Command {
  return new Command('status')
    .description('show the installation and its source servers, or one server in detail')
    .argument('[server]', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['status', 'the service, the staging area, one line per source server'],
        [
          'status s-0123456789abcdef0',
          'state, disks, lag, errors, defects, and which stage is slow',
        ],
        ['status --json', 'for a program'],
      ]),
    )
    .action(async (server: string | undefined, options: ServiceOptions) => {
      const client = await connect(options.dataDir)
      if (server !== undefined) {
        const found = await getSourceServer(client, server, signal)
        const instance = await instanceOf(client, found, signal)
        const replication = await describeReplication(client, server, signal)
        const stages = stagesOf(found.dataReplicationInfo?.dataReplicationState, replication)
        const warnings = replicationWarnings(replication)
        const preflight = (await countPreflight(client, [server], signal))[server]
        const more = {
          ...(instance === undefined ? {} : { instance }),
          ...(stages === undefined ? {} : { stages }),
          ...(warnings.length === 0 ? {} : { warnings }),
          scrub: replication.report?.scrub ?? null,
          mismatches: replication.mismatches,
          ...(preflight === undefined ? {} : { preflight }),
        }
        if (options.json) output.line(JSON.stringify({ ...found, ...more }, null, 2))
        else {
          output.line(describeServer(found, instance))
          output.line(`\nPreflight    ${countsText(preflight)}`)
          for (const warning of warnings) output.line(`\nWarning      ${warning}`)
          output.line(`\n${describeScrub(replication)}`)
          if (stages !== undefined) output.line(`\n${describeStages(stages)}`)
        }
        return
      }
      const health = await client.landfall<InstallationStatus>('GetStatus', {}, signal)
      const servers = await listSourceServers(client, [], signal)
      const ids = servers.map(({ sourceServerID }) => sourceServerID)
      const preflight = await countPreflight(client, ids, signal)
      if (options.json) {
        output.line(JSON.stringify({ ...health, sourceServers: servers, preflight }, null, 2))
        return
      }
      output.line(`${describeInstallation(health)}\n`)
      output.line(servers.length === 0 ? 'No source servers yet.' : serverTable(servers, preflight))
    })
}
