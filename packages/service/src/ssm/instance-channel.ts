import { LandfallError, type InstancePoll } from '@landfall/model'
import { instanceKey } from '../channel/notifier.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { requireToken } from '../instances/tokens.ts'
import { mayRemoveAgent } from '../post-launch-actions/agent-removal.ts'
import { validated } from '../valid-input.ts'
import { commandsFor } from './deliver-commands.ts'
import { instanceCommandResult, instancePoll } from './instance-schemas.ts'
import { markPinged } from './managed-instances.ts'
import { takeResult } from './take-result.ts'

/** What the agents in launched instances ask, and tell. Their token is all they prove. */
export function instanceChannelOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, instances, notifier, timing } = dependencies

  /** An instance that is terminated is none, whoever has its disk. */
  async function requireInstance(proof: { readonly instanceID: string; readonly token: string }) {
    requireToken(instances.tokenKey, proof)
    const row = await db
      .selectFrom('instances')
      .select('state')
      .where('instance_id', '=', proof.instanceID)
      .executeTakeFirst()
    if (row !== undefined && row.state !== 'TERMINATED') return
    throw new LandfallError('access_denied', `Instance ${proof.instanceID} was terminated`)
  }

  async function poll(input: InstancePoll, { now, signal }: CallContext) {
    const { instanceID, facts } = input
    await requireInstance(input)
    await markPinged(db, { instanceID, facts, now: now() })
    const look = async () => {
      const answer = await commandsFor(dependencies, input, now())
      if (answer.commands.length + answer.cancelled.length > 0) return answer
      const isDone = await mayRemoveAgent(db, instanceID, now())
      return isDone ? { ...answer, uninstall: true as const } : undefined
    }
    const timeoutMs = Math.min(input.waitSeconds * 1000, timing.pollMs)
    const options = { timeoutMs, recheckMs: timing.recheckMs, signal }
    const answer = await notifier.until(instanceKey(instanceID), look, options)
    return answer ?? { commands: [], cancelled: [] }
  }

  return {
    forMgn: {
      GetInstanceCommandForMgn: validated(instancePoll, poll),

      SendInstanceCommandResultForMgn: validated(instanceCommandResult, async (result, context) => {
        await requireInstance(result)
        const woken = await takeResult(db, result, context.now())
        notifier.notify(...woken.map(instanceKey))
        return {}
      }),
    },
  }
}
