import type { PointPolicy } from '@landfall/model'
import { Command, Option } from 'commander'
import { formatMinutes, parseMinutes } from '../points/policy-durations.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface PolicyOptions extends ServiceOptions {
  readonly every?: number
  readonly keepEveryFor?: number
  readonly hourlyFor?: number
  readonly dailyFor?: number
  readonly default?: true
  readonly off?: true
}

interface PolicyView {
  readonly sourceServerID: string
  readonly policy: PointPolicy
  readonly isDefault: boolean
}

const NOTE = `
What a time is not given for stays as it is. Hours and days are those of UTC. Age is counted from
the newest point, so nothing is deleted while no point is made. Never deleted by schedule: the
newest point, a point that an instance, a launch or an export uses, and all before such a one.
Points made on demand or for a launch are kept like the others, but at least 24 hours.
`

/** `landfall points policy`: how often points are made by schedule, and how long they are kept. */
export function policyCommand({ output, signal }: CommandContext): Command {
  return new Command('policy')
    .description('show or set when points of the server are made and how long they are kept')
    .argument('<server>', 'source server ID, s-…')
    .addOption(time('--every <time>', 'make a point this often, e.g. 10m'))
    .addOption(time('--keep-every-for <time>', 'keep each point for so long, e.g. 1h'))
    .addOption(time('--hourly-for <time>', 'and the first of each hour for so long, e.g. 24h'))
    .addOption(time('--daily-for <time>', 'and the first of each day for so long, e.g. 7d'))
    .addOption(new Option('--default', 'the default again').conflicts([...TIMES, 'off']))
    .addOption(new Option('--off', 'neither make nor delete points by schedule').conflicts(TIMES))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['points policy s-0123456789abcdef0', 'shows the policy'],
          [
            'points policy s-0123456789abcdef0 --every 5m --keep-every-for 2h',
            'twice as often and as long; hours and days as before. Also after --off',
          ],
          ['points policy s-0123456789abcdef0 --off', 'until times or --default are given'],
          ['points policy s-0123456789abcdef0 --default', 'every 10m, 1h, 24h and 7d'],
        ]),
    )
    .action(async (server: string, options: PolicyOptions) => {
      const client = await connect(options.dataDir)
      const policy = changesOf(options)
      const input = { sourceServerID: server, ...(policy !== undefined && { policy }) }
      const name = policy === undefined ? 'GetPointPolicy' : 'UpdatePointPolicy'
      const view = await client.landfall<PolicyView>(name, input, signal)
      output.line(options.json ? JSON.stringify(view, null, 2) : describe(view))
    })
}

const TIMES = ['every', 'keepEveryFor', 'hourlyFor', 'dailyFor']

function time(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseMinutes)
}

/** Undefined: only shown. Null: the default. */
function changesOf(options: PolicyOptions): Partial<PointPolicy> | null | undefined {
  if (options.default) return null
  if (options.off) return { enabled: false }
  const times = {
    ...(options.every !== undefined && { everyMinutes: options.every }),
    ...(options.keepEveryFor !== undefined && { keepEveryForMinutes: options.keepEveryFor }),
    ...(options.hourlyFor !== undefined && { hourlyForMinutes: options.hourlyFor }),
    ...(options.dailyFor !== undefined && { dailyForMinutes: options.dailyFor }),
  }
  return Object.keys(times).length === 0 ? undefined : { enabled: true, ...times }
}

function describe({ sourceServerID, policy, isDefault }: PolicyView): string {
  const whose = isDefault ? 'the default' : 'its own'
  if (!policy.enabled) return `${sourceServerID}: off; points are made and deleted only on request.`
  return [
    `${sourceServerID}: ${whose}`,
    `A point is made every  ${formatMinutes(policy.everyMinutes)}`,
    `Each is kept for       ${formatMinutes(policy.keepEveryForMinutes)}`,
    `First of an hour for   ${formatMinutes(policy.hourlyForMinutes)}`,
    `First of a day for     ${formatMinutes(policy.dailyForMinutes)}`,
  ].join('\n')
}
