import { LandfallError, quoteForShell } from '@landfall/model'
import type { SourceMachine } from './source-machine.ts'

const INSTALLER = 'landfall-replication-installer-init'
/** The host, as a guest on QEMU's user networking sees it. */
const HOST_FROM_GUEST = '10.0.2.2'

export interface AgentInstallation {
  readonly port: number
  readonly region: string
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly caCertificatePem: string
  readonly signal: AbortSignal
  readonly onLine?: (line: string) => void
}

/**
 * Fetches the agent into the machine and installs it, the way the welcome of `landfall up` tells
 * it, for all disks. Returns the source server ID.
 */
export async function installAgent(
  machine: SourceMachine,
  installation: AgentInstallation,
): Promise<string> {
  const { key, caCertificatePem, region, ...options } = installation
  const endpoint = `https://${HOST_FROM_GUEST}:${installation.port}`
  const script = [
    'set -e',
    'cd /root',
    `printf %s ${quoteForShell(caCertificatePem)} > ca.crt`,
    `wget --no-verbose --ca-certificate=ca.crt ${endpoint}/latest/linux/${INSTALLER}`,
    `chmod +x ${INSTALLER}`,
    `export AWS_ACCESS_KEY_ID=${quoteForShell(key.accessKeyId)}`,
    `export AWS_SECRET_ACCESS_KEY=${quoteForShell(key.secretAccessKey)}`,
    `./${INSTALLER} --region ${region} --endpoint ${endpoint} --ca-file ca.crt --no-prompt`,
    '',
  ].join('\n')
  const said = await machine.run(script, options)
  const sourceServerID = /\bs-[0-9a-f]{17}\b/.exec(said)?.[0]
  if (sourceServerID !== undefined) return sourceServerID
  throw new LandfallError('internal', 'The installer succeeded without naming a source server.')
}
