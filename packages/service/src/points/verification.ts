import { LandfallError } from '@landfall/model'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { addAgentCommand } from '../channel/agent-commands.ts'
import { agentKey } from '../channel/notifier.ts'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { lockServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { requireAvailable } from './points.ts'

/** Comparing source and replica: the agent does it, and its command is the verification. */
export function verificationOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier } = dependencies
  return {
    landfall: {
      StartVerification: validated(
        ofServer.extend({ pointID: z.string().max(64).exactOptional() }),
        async ({ sourceServerID, pointID }, context) => {
          const verificationID = await db.transaction().execute(async (trx) => {
            const { desired } = await lockServer(trx, sourceServerID)
            if (desired !== 'REPLICATING') {
              throw new LandfallError(
                'conflict',
                `${sourceServerID} cannot be verified: its data replication is ${desired}`,
              )
            }
            if (pointID !== undefined) await requireAvailable(trx, sourceServerID, pointID)
            return addAgentCommand(trx, {
              key: `verification ${randomUUID()}`,
              sourceServerID,
              request: { type: 'VERIFY', ...(pointID !== undefined && { pointID }) },
              now: context.now(),
            })
          })
          notifier.notify(agentKey(sourceServerID))
          return { verificationID }
        },
      ),

      DescribeVerification: validated(
        z.object({ verificationID: z.string().max(64) }),
        async ({ verificationID }) => {
          const row = await db
            .selectFrom('agent_commands')
            .select(['command', 'outcome'])
            .where('command_id', '=', verificationID)
            .executeTakeFirst()
          const verification = row?.command.type === 'VERIFY' ? row : undefined
          const { outcome } = found(verification, 'Verification', verificationID)
          if (outcome === null) return { status: 'RUNNING' }
          return outcome.ok
            ? { status: 'COMPLETED', report: outcome.result }
            : { status: 'FAILED', error: outcome.error }
        },
      ),
    },
  }
}
