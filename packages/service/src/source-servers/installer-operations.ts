import { arnOf, LandfallError, type InstallationAssets } from '@landfall/model'
import { agentRegistration, certificateRequest } from '../channel/schemas.ts'
import { STAGING_KEY } from '../channel/notifier.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { requireInitialized } from '../identity/account.ts'
import { validated } from '../valid-input.ts'
import { z } from 'zod'
import { readServer } from './records.ts'
import { registerAgent } from './register.ts'
import type { SourceServerRow } from './tables.ts'

/** What the installer calls with an access key, in the order in which it calls it. */
export function installerOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, account, agent, certificateAuthority, timing, quotas, notifier } = dependencies
  return {
    forMgn: {
      GetAgentInstallationAssetsForMgn: validated(z.object({}), async (_, context) => {
        await requireInitialized(db)
        return {
          ...agent,
          ...account,
          caCertificatePem: certificateAuthority.caCertificatePem,
          serviceTime: context.now().toISOString(),
        } satisfies InstallationAssets
      }),

      /** Succeeds for whoever was let through: that is all it says. */
      VerifyClientRoleForMgn: validated(z.object({}), async () => ({})),

      RegisterAgentForMgn: validated(agentRegistration, async (registration, context) => {
        await requireInitialized(db)
        const options = { now: context.now(), timing, quotas, registeredBy: installerArn(context) }
        const server = await db
          .transaction()
          .execute((trx) => registerAgent(trx, registration, options))
        notifier.notify(STAGING_KEY)
        const sourceServerID = server.source_server_id
        return { sourceServerID, arn: arnOf('sourceServer', sourceServerID, account) }
      }),

      IssueClientCertificateForMgn: validated(certificateRequest, async (request, context) => {
        const server = await readServer(db, request.sourceServerID)
        refuseOthers(server, installerArn(context))
        return certificateAuthority.issueAgentCertificate(request)
      }),
    },
  }
}

function installerArn({ caller }: CallContext): string {
  if (caller.kind === 'user' || caller.kind === 'role') return caller.arn
  throw new LandfallError('access_denied', 'Only an installer with an access key may do this')
}

/** The policy lets an installer ask for any server; a certificate reads and writes its replica. */
function refuseOthers(server: SourceServerRow, arn: string) {
  if (server.registered_by === arn) return
  const sentence = `${server.source_server_id} was registered by another user`
  throw new LandfallError('access_denied', `${sentence}: install the agent again with this one`)
}
