import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { instanceKey } from '../channel/notifier.ts'
import { numberedPage } from '../numbered-pages.ts'
import { refuseDuplicates } from './command-targets.ts'
import { viewCommand, viewInvocation, viewResult } from './command-views.ts'
import {
  COMMANDS_PAGE,
  findCommands,
  findInvocation,
  findInvocations,
  noCommand,
  readCommands,
  type CommandsInput,
} from './commands.ts'
import { lockCommand, moveInvocations } from './invocations.ts'
import { sendCommand, type SendCommandInput } from './send-command.ts'
import { SsmError } from './ssm-error.ts'

interface CancelInput {
  readonly CommandId: string
  readonly InstanceIds?: readonly string[]
}

/** Commands on launched instances. */
export function ssmCommandOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, secretBox, notifier } = dependencies
  const wake = (instanceIDs: readonly string[]) => notifier.notify(...instanceIDs.map(instanceKey))

  async function listCommands(input: CommandsInput) {
    const found = await findCommands(db, input)
    const page = { MaxResults: COMMANDS_PAGE, ...input }
    const { items, nextToken } = numberedPage(found, page, ({ command }) => -command.seq)
    const rows = await readCommands(
      db,
      items.map(({ command }) => command.command_id),
    )
    const byID = new Map(rows.map((row) => [row.command_id, row]))
    const Commands = items.map(({ command, state }) =>
      viewCommand(byID.get(command.command_id)!, state, secretBox),
    )
    return { Commands, ...nextToken }
  }

  return {
    ssm: {
      async SendCommand(input: SendCommandInput, context: CallContext) {
        const { commandID, instanceIDs } = await sendCommand(dependencies, input, context)
        wake(instanceIDs)
        const { Commands } = await listCommands({ CommandId: commandID })
        return { Command: Commands[0] }
      },

      /** What was not delivered is cancelled, and what was, the agent is to stop. */
      async CancelCommand(input: CancelInput, context: CallContext) {
        const { CommandId: commandID, InstanceIds: ids = [] } = input
        refuseDuplicates(ids)
        const moved = await db.transaction().execute(async (trx) => {
          if ((await lockCommand(trx, commandID)) === undefined) throw noCommand(commandID)
          const rows = await trx
            .selectFrom('ssm_invocations')
            .select('instance_id')
            .where('command_id', '=', commandID)
            .execute()
          const there = new Set(rows.map((row) => row.instance_id))
          const stranger = ids.find((id) => !there.has(id))
          if (stranger !== undefined) {
            throw new SsmError('InvalidInstanceId', `${stranger} has no part in ${commandID}.`)
          }
          return await moveInvocations(trx, 'CancelAsked', {
            commandID,
            now: context.now(),
            ...(ids.length > 0 && { instanceIDs: ids }),
          })
        })
        wake(moved)
        return {}
      },

      ListCommands: listCommands,

      async ListCommandInvocations(input: CommandsInput & { readonly Details?: boolean }) {
        const { items, nextToken } = await findInvocations(db, input)
        return {
          CommandInvocations: items.map((item) => viewInvocation(item, input.Details === true)),
          ...(nextToken !== undefined && { NextToken: nextToken }),
        }
      },

      async GetCommandInvocation(input: {
        readonly CommandId: string
        readonly InstanceId: string
        readonly PluginName?: string
      }) {
        const invocation = await findInvocation(db, input.CommandId, input.InstanceId)
        return viewResult(invocation, input.PluginName)
      },
    },
  }
}
