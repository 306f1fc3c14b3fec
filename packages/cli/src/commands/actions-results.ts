import type { ActionRunsView, ActionRunView } from '@landfall/model'
import { Command, Option } from 'commander'
import { describeRuns, refuseFailed, waitForActions } from '../actions/action-results.ts'
import { EXIT_CODES } from '../exit-codes.ts'
import { connect } from '../service-client/connect.ts'
import type { ServiceClient } from '../service-client/service-client.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface ResultOptions extends ServiceOptions {
  readonly output?: true
  readonly wait?: true
}

const outputOption = () => new Option('--output', 'also what each action wrote')
const waitOption = () =>
  new Option('--wait', `until all have ended; status ${EXIT_CODES.conflict} when one has failed`)

/** `landfall actions results`: what became of the actions on the instance of the last launch. */
export function resultsCommand(context: CommandContext): Command {
  return new Command('results')
    .description("show what became of a server's actions on the instance that was launched last")
    .argument('<server>', 'source server ID, s-…')
    .addOption(outputOption())
    .addOption(waitOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['actions results s-0123456789abcdef0', 'states, and why actions failed'],
        ['actions results s-0123456789abcdef0 --output --wait', 'stdout and stderr, at the end'],
      ]),
    )
    .action(async (sourceServerID: string, options: ResultOptions) => {
      const client = await connect(options.dataDir)
      const { signal } = context
      const view = await client.landfall<ActionRunsView>(
        'ListActionRuns',
        { sourceServerID },
        signal,
      )
      await show(context, client, view, options)
    })
}

/** `landfall actions rerun`: runs actions again, on the same instance. */
export function rerunCommand(context: CommandContext): Command {
  return new Command('rerun')
    .description('run actions again on the instance that was launched last, as they are now')
    .argument('<server>', 'source server ID, s-…')
    .argument('[actions...]', 'their IDs; without any, those that failed')
    .addOption(outputOption())
    .addOption(waitOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['actions rerun s-0123456789abcdef0', 'what failed'],
        ['actions rerun s-0123456789abcdef0 check --wait', 'also one that succeeded, or is new'],
      ]),
    )
    .action(async (sourceServerID: string, actions: string[], options: ResultOptions) => {
      const client = await connect(options.dataDir)
      const input = { sourceServerID, ...(actions.length > 0 && { actionIDs: actions }) }
      const view = await client.landfall<ActionRunsView>('RerunActions', input, context.signal)
      await show(context, client, view, options)
    })
}

async function show(
  { output, signal }: CommandContext,
  client: ServiceClient,
  view: ActionRunsView,
  options: ResultOptions,
): Promise<void> {
  const onLook = (runs: readonly ActionRunView[]) => output.progress(progressOf(runs))
  const shown = options.wait
    ? await waitForActions(client, view.sourceServerID, { signal, onLook })
    : view
  const text = options.json
    ? JSON.stringify(shown, null, 2)
    : describeRuns(shown, { output: options.output === true })
  output.line(text)
  if (options.wait) refuseFailed(shown)
}

function progressOf(runs: readonly ActionRunView[]): string {
  const ended = runs.filter(({ state }) => state === 'SUCCEEDED' || state === 'FAILED').length
  const running = runs.find(({ state }) => state === 'RUNNING')
  return `${ended} of ${runs.length} have ended${running ? `, ${running.actionID} runs` : ''}`
}
