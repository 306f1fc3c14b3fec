import { Command, InvalidArgumentError, Option } from 'commander'
import { connect } from '../service-client/connect.ts'
import { formatDuration } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface RehearsalOptions extends ServiceOptions {
  readonly every?: number
  readonly off?: true
  readonly now?: true
}

interface Rehearsal {
  readonly startedDateTime: string
  readonly verdict: 'RUNNING' | 'BOOTED' | 'FAILED'
  readonly detail?: string
  readonly pointTakenDateTime?: string
  readonly bootedSeconds?: number
  readonly serialLogPath?: string
  readonly screenshotPath?: string
}

interface Rehearsals {
  readonly everyHours: number | null
  readonly rehearsals: readonly Rehearsal[]
}

const NOTE = `
A rehearsal converts the newest point, launches it where it meets nobody, waits until its agent
reports, and removes it again. The server's life cycle and its test instance stay as they are.
`

/** `landfall rehearsal`: whether the server would boot, tried by schedule. */
export function rehearsalCommand({ output, signal }: CommandContext): Command {
  return new Command('rehearsal')
    .description('try by schedule whether the newest point of a server boots')
    .argument('<server>', 'source server ID, s-…')
    .addOption(
      new Option('--every <hours>', 'rehearse so often, from 1 to 720')
        .argParser(readHours)
        .conflicts('off'),
    )
    .addOption(new Option('--off', 'rehearse by hand only'))
    .addOption(new Option('--now', 'begin one now; it takes minutes, in the background'))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['rehearsal s-0123456789abcdef0 --every 24', 'once a day'],
          ['rehearsal s-0123456789abcdef0', 'what came of the last ones'],
        ]),
    )
    .action(async (sourceServerID: string, options: RehearsalOptions) => {
      const client = await connect(options.dataDir)
      const call = (operation: string, input: object = {}) =>
        client.landfall<Rehearsals>(operation, { sourceServerID, ...input }, signal)
      let seen = await call('GetRehearsals')
      if (options.every !== undefined || options.off === true) {
        seen = await call('UpdateRehearsalSettings', { everyHours: options.every ?? null })
      }
      if (options.now === true) seen = await call('StartRehearsal')
      output.line(options.json ? JSON.stringify(seen, null, 2) : describeRehearsals(seen))
    })
}

/** For a person: the schedule, and a paragraph for each of the last ones. */
export function describeRehearsals({ everyHours, rehearsals }: Rehearsals): string {
  const schedule =
    everyHours === null ? 'Rehearsed by hand only.' : `Rehearsed every ${everyHours} h.`
  return [schedule, ...rehearsals.map(describe)].join('\n')
}

function describe(rehearsal: Rehearsal): string {
  const { startedDateTime, verdict, pointTakenDateTime, bootedSeconds, detail } = rehearsal
  const point = pointTakenDateTime === undefined ? '' : `, point of ${pointTakenDateTime}`
  const took = bootedSeconds === undefined ? '' : ` in ${formatDuration(bootedSeconds)}`
  const lines = [`${startedDateTime}  ${verdict}${took}${point}`]
  if (detail !== undefined) lines.push(`  ${detail}`)
  if (verdict === 'FAILED' && rehearsal.screenshotPath !== undefined) {
    lines.push(`  Screen: ${rehearsal.screenshotPath}`, `  Console: ${rehearsal.serialLogPath}`)
  }
  return lines.join('\n')
}

function readHours(text: string): number {
  const hours = Number(text)
  if (Number.isInteger(hours) && hours >= 1 && hours <= 720) return hours
  throw new InvalidArgumentError('Give a whole number of hours from 1 to 720.')
}
