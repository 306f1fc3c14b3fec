import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'

/** Where the service serves what the command line built into its software folder. */
const INSTALLER_PATH = '/latest/linux/landfall-replication-installer-init'

/** What an operator needs to know to install an agent: nothing in it is secret. */
export function installationOperations(dependencies: OperationDependencies): OperationGroup {
  const { agent, instances, certificateAuthority } = dependencies
  return {
    landfall: {
      GetAgentInstallation: validated(z.object({}), async () => ({
        endpoints: endpointsOf(agent.replicationAddresses, instances.outerEndpoint),
        installerPath: INSTALLER_PATH,
        agentVersion: agent.agentVersion,
        /** What a source server trusts the service by. */
        caCertificatePem: certificateAuthority.caCertificatePem,
      })),
    },
  }
}

/** How agents reach the service: by the addresses that its certificate is for, on its one port. */
function endpointsOf(addresses: readonly string[], endpoint: string): string[] {
  const { port } = new URL(endpoint)
  return addresses.map(
    (address) => `https://${address.includes(':') ? `[${address}]` : address}:${port}`,
  )
}
