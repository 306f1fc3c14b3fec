import { LandfallError } from '@landfall/model'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { addAgentCommand } from '../channel/agent-commands.ts'
import { agentKey } from '../channel/notifier.ts'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'

/** Comparing source and replica: the agent does it, and its command is the verification. */
export function verificationOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier } = dependencies
  return {
    landfall: {
      StartVerification: validated(
        ofServer.extend({ pointID: z.string().max(64).exactOptional() }),
        async ({ sourceServerID, pointID }, context) => {
          const server = await readServer(db, sourceServerID)
          if (server.desired !== 'REPLICATING') {
            throw new LandfallError(
              'conflict',
              `${sourceServerID} cannot be verified: its data replication is ${server.desired}`,
            )
          }
          if (pointID !== undefined) await requireAvailable(sourceServerID, pointID)
          const verificationID = await addAgentCommand(db, {
            key: `verification ${randomUUID()}`,
            sourceServerID,
            request: { type: 'VERIFY', ...(pointID !== undefined && { pointID }) },
            now: context.now(),
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

  async function requireAvailable(sourceServerID: string, pointID: string) {
    const row = await db
      .selectFrom('points')
      .select('state')
      .where('point_id', '=', pointID)
      .where('source_server_id', '=', sourceServerID)
      .executeTakeFirst()
    const { state } = found(row, 'Point', pointID)
    if (state === 'AVAILABLE') return
    throw new LandfallError('conflict', `Point ${pointID} is ${state}; choose an AVAILABLE one`)
  }
}
