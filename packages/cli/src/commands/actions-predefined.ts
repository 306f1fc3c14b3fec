import { InvalidArgumentError, Command, Option } from 'commander'
import { actionOwner, OWNER_ARGUMENT } from '../actions/action-owner.ts'
import { readValues } from '../actions/action-values.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface PredefinedAction {
  readonly name: string
  readonly description: string
  readonly order: number
  readonly parameters: readonly {
    readonly name: string
    readonly type: string
    readonly description: string
    readonly default?: unknown
  }[]
}

/** `landfall actions predefined`: what there is from the start. */
export function predefinedCommand({ output, signal }: CommandContext): Command {
  return new Command('predefined')
    .description('list the predefined actions with their parameters')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText('after', examples([['actions predefined', 'names, and what each looks at']]))
    .action(async ({ dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const { items } = await client.landfall<{ items: readonly PredefinedAction[] }>(
        'ListPredefinedActions',
        {},
        signal,
      )
      output.line(json ? JSON.stringify(items, null, 2) : items.map(describe).join('\n\n'))
    })
}

function describe({ name, description, order, parameters }: PredefinedAction): string {
  const lines = parameters.map((parameter) => {
    const values = parameter.type === 'StringList' ? ' (may be given several times)' : ''
    const given = [parameter.default].flat().join(', ')
    const otherwise = parameter.default === undefined ? 'required' : `default ${given || 'none'}`
    return `    ${parameter.name}=…${values}, ${otherwise}\n        ${parameter.description}`
  })
  return [`${name}  (order ${order})`, `  ${description}`, ...lines].join('\n')
}

interface AddOptions extends ServiceOptions {
  readonly mustSucceed?: true
  readonly timeout?: number
}

/** `landfall actions add`: a predefined action for a server, or for the template. */
export function addCommand({ output, signal }: CommandContext): Command {
  return new Command('add')
    .description('add a predefined action; in the place of the same one, where it is there already')
    .argument('<owner>', OWNER_ARGUMENT)
    .argument('<name>', 'as landfall actions predefined has it')
    .argument('[values...]', 'KEY=VALUE for its parameters; lists have a key several times')
    .addOption(new Option('--must-succeed', 'no cutover is finalised before it has succeeded'))
    .addOption(
      new Option('--timeout <seconds>', 'how long it may take').argParser((text) => {
        if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
        throw new InvalidArgumentError('It is a number of seconds.')
      }),
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        [
          'actions add s-0123456789abcdef0 Landfall-VerifyHTTPResponse Urls=http://127.0.0.1/ ' +
            '--must-succeed',
          'the cutover is not finalised unless the web server answers with 200',
        ],
        ['actions add template AWSMigration-VerifyMountedVolumes', 'for servers to come'],
      ]),
    )
    .action(async (argument: string, name: string, values: string[], options: AddOptions) => {
      const { dataDir, json, mustSucceed, timeout } = options
      const parameters = readValues(values)
      const client = await connect(dataDir)
      const { id } = await actionOwner(client, argument, signal)
      const input = {
        ...id,
        name,
        parameters,
        ...(mustSucceed && { mustSucceedForCutover: true }),
        ...(timeout !== undefined && { timeoutSeconds: timeout }),
      }
      const action = await client.landfall<{ readonly actionID: string; readonly order: number }>(
        'AddPredefinedAction',
        input,
        signal,
      )
      output.line(
        json
          ? JSON.stringify(action, null, 2)
          : `${action.actionID} runs at ${action.order} from the next launch on.`,
      )
    })
}
