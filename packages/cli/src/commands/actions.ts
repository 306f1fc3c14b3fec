import { readFile } from 'node:fs/promises'
import { errorText, LandfallError } from '@landfall/model'
import { Command, Option } from 'commander'
import { actionOwner, OWNER_ARGUMENT } from '../actions/action-owner.ts'
import { connect } from '../service-client/connect.ts'
import { formatTable } from '../table.ts'
import { addCommand, predefinedCommand } from './actions-predefined.ts'
import { rerunCommand, resultsCommand } from './actions-results.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface Action {
  readonly actionID: string
  readonly actionName: string
  readonly documentIdentifier: string
  readonly order: number
  readonly active: boolean
  readonly mustSucceedForCutover: boolean
  readonly timeoutSeconds: number
}

interface Actions {
  readonly items: readonly Action[]
  /** Of a server: after which launches they run. */
  readonly purposes?: readonly ('TEST' | 'CUTOVER')[]
}

/** `landfall actions`: what runs on an instance after its launch. */
export function actionsCommand(context: CommandContext): Command {
  return new Command('actions')
    .description('post-launch actions: what runs on an instance after its launch')
    .addCommand(listCommand(context))
    .addCommand(predefinedCommand(context))
    .addCommand(addCommand(context))
    .addCommand(putCommand(context))
    .addCommand(setCommand(context))
    .addCommand(removeCommand(context))
    .addCommand(resultsCommand(context))
    .addCommand(rerunCommand(context))
}

function listCommand({ output, signal }: CommandContext): Command {
  return new Command('list')
    .description('list the actions of a server, or of the template, in their order')
    .argument('<owner>', OWNER_ARGUMENT)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['actions list s-0123456789abcdef0', 'order, document, and whether it must succeed'],
        ['actions list template', 'what servers that register from now on have'],
      ]),
    )
    .action(async (owner: string, { dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const { id } = await actionOwner(client, owner, signal)
      const actions = await client.landfall<Actions>('ListActions', id, signal)
      output.line(json ? JSON.stringify(actions, null, 2) : describe(actions))
    })
}

function describe({ items, purposes }: Actions): string {
  const table = formatTable(
    ['ORDER', 'ACTION', 'DOCUMENT', 'ACTIVE', 'MUST SUCCEED', 'TIMEOUT'],
    items.map((action) => [
      String(action.order),
      action.actionID,
      action.documentIdentifier,
      action.active ? 'yes' : 'no',
      action.mustSucceedForCutover ? 'yes' : 'no',
      `${action.timeoutSeconds} s`,
    ]),
  )
  const listed = items.length === 0 ? 'No actions.' : table
  return purposes === undefined ? listed : `${listed}\n\n${whenTheyRun(purposes)}`
}

function whenTheyRun(purposes: NonNullable<Actions['purposes']>): string {
  if (purposes.length === 0) {
    return "They are off: the launch configuration's postLaunchActions has no deployment."
  }
  const launches = purposes.map((purpose) => (purpose === 'TEST' ? 'a test' : 'a cutover'))
  return `They run after the launch of ${launches.join(' or ')} instance.`
}

function putCommand({ output, signal }: CommandContext): Command {
  return new Command('put')
    .description('put an action of your own, described in a JSON file')
    .argument('<owner>', OWNER_ARGUMENT)
    .argument('<file>', "the members of MGN's PutSourceServerAction, without the owner's ID")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe least that a file has:\n' +
        '  {"actionID": "check", "actionName": "Check the shop", "documentIdentifier": "Check",\n' +
        '   "order": 1001, "mustSucceedForCutover": true}\n' +
        examples([['actions put s-0123456789abcdef0 check.json', 'in the place of the one there']]),
    )
    .action(async (argument: string, file: string, { dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const { words, id } = await actionOwner(client, argument, signal)
      const given = await readAction(file)
      const action = await client.mgn<Action>(`Put${words}Action`, { ...given, ...id }, signal)
      output.line(
        json
          ? JSON.stringify(action, null, 2)
          : `${action.actionID} runs ${action.documentIdentifier} at ${action.order}.`,
      )
    })
}

async function readAction(file: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new LandfallError('validation', `${file} cannot be read as JSON: ${errorText(error)}`)
  }
  throw new LandfallError('validation', `${file} has no JSON object.`)
}

interface SetOptions extends ServiceOptions {
  readonly active?: true
  readonly inactive?: true
  readonly mustSucceed?: true
  readonly mayFail?: true
}

function setCommand({ output, signal }: CommandContext): Command {
  return new Command('set')
    .description('make an action active or inactive, or say whether it must succeed')
    .argument('<owner>', OWNER_ARGUMENT)
    .argument('<action>', 'its ID, as landfall actions list shows it')
    .addOption(new Option('--active', 'it runs after the next launch').conflicts('inactive'))
    .addOption(new Option('--inactive', 'it runs no more, and blocks no cutover'))
    .addOption(
      new Option('--must-succeed', 'no cutover is finalised before it has').conflicts('mayFail'),
    )
    .addOption(new Option('--may-fail', 'it blocks no cutover'))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['actions set s-0123456789abcdef0 check --inactive', 'the cutover waits for it no more'],
      ]),
    )
    .action(async (argument: string, actionID: string, options: SetOptions) => {
      const client = await connect(options.dataDir)
      const { id } = await actionOwner(client, argument, signal)
      const { active, inactive, mustSucceed, mayFail } = options
      const changes = {
        ...((active ?? inactive) && { active: active === true }),
        ...((mustSucceed ?? mayFail) && { mustSucceedForCutover: mustSucceed === true }),
      }
      const action = await client.landfall<Action>(
        'UpdateAction',
        { ...id, actionID, ...changes },
        signal,
      )
      output.line(options.json ? JSON.stringify(action, null, 2) : describe({ items: [action] }))
    })
}

function removeCommand({ output, signal }: CommandContext): Command {
  return new Command('remove')
    .description('remove an action')
    .argument('<owner>', OWNER_ARGUMENT)
    .argument('<action>', 'its ID, as landfall actions list shows it')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([['actions remove s-0123456789abcdef0 check', 'what it did on instances stays']]),
    )
    .action(async (argument: string, actionID: string, { dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const { words, id } = await actionOwner(client, argument, signal)
      await client.mgn(`Remove${words}Action`, { ...id, actionID }, signal)
      output.line(json ? JSON.stringify({ actionID }) : `${actionID} is removed.`)
    })
}
