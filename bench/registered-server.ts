import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTIONS_PER_AGENT_MAX } from '@landfall/model'
import { obtainClientCertificate } from '../packages/agent/src/install/client-certificate.ts'
import { collectSourceProperties } from '../packages/agent/src/install/source-properties.ts'
import type { ReplicatorOptions } from '../packages/agent/src/replicator.ts'
import { InstallerClient } from '../packages/agent/src/service-client/installer-client.ts'
import { run, type Installation } from '../test/installation.ts'
import type { Surroundings } from './figure.ts'

const POLL_MS = 100

export interface RegisteredServer {
  readonly sourceServerID: string
  /** What its replicator is started with, but for where it runs. */
  readonly identity: Omit<ReplicatorOptions, 'addresses' | 'stateDir' | 'log' | 'signal'>
}

/**
 * A source server of its own for these disks, with new, empty volumes in the staging area: by the
 * installer's calls, without installing anything. Returns when the volumes are open.
 */
export async function registerServer(
  installation: Installation,
  devices: readonly string[],
  signal: Surroundings['signal'],
): Promise<RegisteredServer> {
  const read = (name: string): Promise<string> => readFile(join(installation.dataDir, name), 'utf8')
  const { region } = JSON.parse(await read('config.json')) as { region: string }
  const client = new InstallerClient({
    endpoint: new URL(installation.endpoint),
    region,
    credentials: JSON.parse(await read('credentials.json')) as {
      accessKeyId: string
      secretAccessKey: string
    },
    caPem: await readFile(installation.caFile, 'utf8'),
  })
  try {
    const disks = await Promise.all(
      devices.map(async (deviceName) => {
        const { stdout } = await run('blockdev', ['--getsize64', deviceName])
        return { deviceName, bytes: Number(stdout), isBootDisk: false }
      }),
    )
    const { sourceServerID } = await client.register({
      machineIdentity: randomBytes(32).toString('hex'),
      sourceProperties: await collectSourceProperties(disks),
      tags: {},
      noReplication: false,
      agentVersion: 'bench',
    })
    const tls = await obtainClientCertificate(client, sourceServerID)
    await untilOpen(installation, sourceServerID, signal)
    const port = installation.replicationPort
    const limits = { bandwidthThrottlingMbps: 0, connections: CONNECTIONS_PER_AGENT_MAX }
    return { sourceServerID, identity: { sourceServerID, disks: devices, tls, port, ...limits } }
  } finally {
    client.close()
  }
}

/** Waits until the staging area would take the server's agent at once. */
async function untilOpen(
  installation: Installation,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<void> {
  const admitted = join(installation.dataDir, 'staging', 'admitted.json')
  for (;;) {
    const list = await readFile(admitted, 'utf8').catch(() => '[]')
    const isThere = await access(nbdSocket(installation, sourceServerID)).then(
      () => true,
      () => false,
    )
    if (isThere && (JSON.parse(list) as string[]).includes(sourceServerID)) return
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** Where the storage daemon of a source server serves its volumes, as `volume-0` and so on. */
export function nbdSocket(installation: Installation, sourceServerID: string): string {
  return join(installation.dataDir, 'run', 'staging', sourceServerID, 'nbd.sock')
}
