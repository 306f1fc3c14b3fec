import { MIB } from '@landfall/model'
import { Command, Option } from 'commander'
import { connect } from '../service-client/connect.ts'
import { describeReplication } from '../status/replication.ts'
import { describeScrub } from '../status/scrub.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'
import { parseScrubRate } from './numbers.ts'

interface ScrubOptions extends ServiceOptions {
  /** In bytes. */
  readonly mibPerSecond?: number
  readonly default?: true
  readonly off?: true
}

const NOTE = `
While a server is CONTINUOUS its replica is compared with the source by keyed hashes, range by
range. What differs though nobody wrote it is a defect: it is sent again, counted, and listed here.
`

/** `landfall scrub`: how far source and replica were compared, and how fast they are. */
export function scrubCommand({ output, signal }: CommandContext): Command {
  return new Command('scrub')
    .description('show the comparison of source and replica in the background, or set its rate')
    .argument('<server>', 'source server ID, s-…')
    .addOption(
      new Option('--mib-per-second <n>', 'compare so much, 1 to 1024')
        .argParser(parseScrubRate)
        .conflicts(['default', 'off']),
    )
    .addOption(new Option('--default', 'half a MiB per second').conflicts('off'))
    .addOption(new Option('--off', 'compare nothing'))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['scrub s-0123456789abcdef0', 'coverage, age, and every defect there was'],
          ['scrub s-0123456789abcdef0 --mib-per-second 20', 'costs the source forty times more'],
        ]),
    )
    .action(async (sourceServerID: string, options: ScrubOptions) => {
      const client = await connect(options.dataDir)
      const bytesPerSecond = rateOf(options)
      if (bytesPerSecond !== undefined) {
        const rate = { sourceServerID, bytesPerSecond }
        const set = await client.landfall<typeof rate>('UpdateScrubRate', rate, signal)
        const mib = (set.bytesPerSecond ?? 0) / MIB
        output.line(
          options.json
            ? JSON.stringify(set, null, 2)
            : `${sourceServerID} is ${mib === 0 ? 'not compared' : `compared at ${mib} MiB/s`}.`,
        )
        return
      }
      const replication = await describeReplication(client, sourceServerID, signal)
      const { report, mismatches } = replication
      const view = { scrub: report?.scrub ?? null, mismatches }
      output.line(options.json ? JSON.stringify(view, null, 2) : describeScrub(replication))
    })
}

/** Undefined: only shown. Null: the default. */
function rateOf(options: ScrubOptions): number | null | undefined {
  if (options.default) return null
  if (options.off) return 0
  return options.mibPerSecond
}
