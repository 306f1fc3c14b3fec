import { Command } from 'commander'
import { createPoint } from '../points/create-point.ts'
import type { PointReason, PointView } from '@landfall/model'
import { connect } from '../service-client/connect.ts'
import { formatBytes, formatTable } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'
import { deleteCommand } from './points-delete.ts'
import { exportCommand } from './points-export.ts'
import { policyCommand } from './points-policy.ts'
import { verifyCommand } from './points-verify.ts'

/** `landfall points`: the consistent moments kept of a server. */
export function pointsCommand(context: CommandContext): Command {
  return new Command('points')
    .description('points: the consistent moments kept of a source server')
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(policyCommand(context))
    .addCommand(deleteCommand(context))
    .addCommand(exportCommand(context))
    .addCommand(verifyCommand(context))
}

function createCommand({ output, signal }: CommandContext): Command {
  return new Command('create')
    .description('make a point of the server now')
    .argument('<server>', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['points create s-0123456789abcdef0', 'returns once the point is there'],
        ['points create s-0123456789abcdef0 --json', 'an object with its id, time and freeze'],
      ]),
    )
    .action(async (server: string, options: ServiceOptions) => {
      const client = await connect(options.dataDir)
      const point = await createPoint(client, server, signal)
      output.line(options.json ? JSON.stringify(point, null, 2) : pointTable([point]))
      if (options.json) return
      for (const { what, why } of point.notFrozen) output.note(`Not frozen: ${what} (${why})`)
    })
}

function listCommand({ output, signal }: CommandContext): Command {
  return new Command('list')
    .description('list the points of the server')
    .argument('<server>', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        [
          'points list s-0123456789abcdef0',
          'time, why it was made, consistency, size, when verified',
        ],
      ]),
    )
    .action(async (server: string, options: ServiceOptions) => {
      const client = await connect(options.dataDir)
      const { points } = await client.landfall<{ points: readonly PointView[] }>(
        'ListPoints',
        { sourceServerID: server },
        signal,
      )
      output.line(options.json ? JSON.stringify(points, null, 2) : pointTable(points))
    })
}

const WHY: Readonly<Record<PointReason, string>> = {
  SCHEDULED: 'scheduled',
  ON_DEMAND: 'on demand',
  LAUNCH: 'launch',
}

function pointTable(points: readonly PointView[]): string {
  return formatTable(
    ['POINT', 'TAKEN', 'WHY', 'STATE', 'CONSISTENCY', 'FREEZE', 'SIZE', 'VERIFIED'],
    points.map((point) => [
      point.id,
      point.takenAt ?? '-',
      point.reason === null ? '-' : WHY[point.reason],
      point.error === undefined ? point.state : `${point.state}: ${point.error}`,
      point.consistency ?? '-',
      `${Math.round(point.freezeMs)} ms`,
      formatBytes(point.sizeBytes),
      point.verifiedAt ?? 'not yet',
    ]),
  )
}
