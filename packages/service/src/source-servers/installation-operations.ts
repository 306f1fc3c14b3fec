import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'

/** Where the service serves what the command line built into its software folder. */
const INSTALLER_PATH = '/latest/linux/landfall-replication-installer-init'

/** What an operator needs to know to install an agent: nothing in it is secret. */
export function installationOperations(dependencies: OperationDependencies): OperationGroup {
  const { agent, instances, certificateAuthority } = dependencies
  // How agents reach the service: by the addresses that its certificate has, on its one port.
  const { port } = new URL(instances.outerEndpoint)
  const endpoints = agent.replicationAddresses.map(
    (address) => `https://${address.includes(':') ? `[${address}]` : address}:${port}`,
  )
  return {
    landfall: {
      GetAgentInstallation: validated(z.object({}), async () => ({
        endpoints,
        installerPath: INSTALLER_PATH,
        agentVersion: agent.agentVersion,
        /** What a source server trusts the service by. */
        caCertificatePem: certificateAuthority.caCertificatePem,
      })),
    },
  }
}
