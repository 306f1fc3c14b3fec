import { randomBytes } from 'node:crypto'
import type { AgentReplicationReport, SourceProperties } from '@landfall/model'
import { InstallerClient } from '../packages/agent/src/service-client/installer-client.ts'
import { insertKeptPoints } from '../packages/service/src/played/kept-points.fixture.ts'
import type { ServiceAlone } from './service-alone.ts'

const GIB = 1024 ** 3

/** Registrations under way at once: enough to keep the service busy. */
const AT_ONCE = 16

/** What a server of two disks and two interfaces tells of itself. */
function propertiesOf(index: number): SourceProperties {
  const hostname = `server-${index}`
  const address = (net: number) => `10.${net}.${index >> 8}.${index & 255}`
  return {
    identificationHints: { hostname, fqdn: `${hostname}.example.com` },
    networkInterfaces: [1, 2].map((net) => ({
      name: `ens${net}`,
      macAddress: `52:54:00:0${net}:${(index >> 8).toString(16)}:${(index & 255).toString(16)}`,
      ips: [address(net), `fe80::5054:ff:fe${net}0:${index.toString(16)}`],
      isPrimary: net === 1,
    })),
    disks: [
      { deviceName: '/dev/vda', bytes: 40 * GIB, isBootDisk: true },
      { deviceName: '/dev/vdb', bytes: 200 * GIB, isBootDisk: false },
    ],
    cpus: [{ cores: 8, modelName: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz' }],
    ramBytes: 32 * GIB,
    os: { fullString: 'linux 6.1.0-28-amd64 Debian GNU/Linux 12 (bookworm)' },
    firmware: 'uefi',
  }
}

/** What the agent of such a server tells every two seconds when it has caught up. */
export function reportOf(sourceServerID: string): AgentReplicationReport {
  const { disks } = propertiesOf(0)
  const startedAt = new Date().toISOString()
  const busy = { bytesPerSecond: 1_234_567, utilisation: 0.12 }
  return {
    sourceServerID,
    state: 'CONTINUOUS',
    error: null,
    disks: disks.map(({ deviceName, bytes }) => ({
      deviceName,
      totalStorageBytes: bytes,
      replicatedStorageBytes: bytes,
      rescannedStorageBytes: 0,
      backloggedStorageBytes: 0,
    })),
    readBytes: 240 * GIB,
    wireBytes: 90 * GIB,
    lagSeconds: 0.4,
    stages: {
      loads: (['read', 'compress', 'wire', 'apply', 'flush'] as const).map((stage) => ({
        stage,
        ...busy,
      })),
      bottleneck: null,
    },
    scrub: {
      bytesPerSecond: 4_000_000,
      startedAt,
      disks: disks.map(({ deviceName, bytes }) => ({
        deviceName,
        totalBytes: bytes,
        verifiedBytes: bytes / 2,
        unrepairedBytes: 0,
      })),
      lastPass: { startedAt, endedAt: startedAt, changingBytes: 0 },
    },
    mismatches: [],
    results: [],
  }
}

/** Registers the servers from number `from` to number `to` by the installer's call; their IDs. */
export async function registerServers(
  service: ServiceAlone,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const client = new InstallerClient(service)
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  const ids: string[] = []
  const work = async (): Promise<void> => {
    for (let index = numbers.pop(); index !== undefined; index = numbers.pop()) {
      signal.throwIfAborted()
      const { sourceServerID } = await client.register({
        machineIdentity: randomBytes(32).toString('hex'),
        sourceProperties: propertiesOf(index),
        tags: { Name: `server-${index}`, Team: `team-${index % 20}` },
        noReplication: false,
        agentVersion: 'bench',
      })
      ids.push(sourceServerID)
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    client.close()
  }
  return ids
}

/**
 * Writes what staging area and agents would have told of the servers since they were registered:
 * their volumes, a first report, and the points of a week.
 */
export async function settleServers(service: ServiceAlone): Promise<void> {
  const report = JSON.stringify(reportOf(''))
  await service.sql(`
    update staging_commands set finished_at = now(), outcome = '{"ok":true,"result":{}}'
      where finished_at is null;
    create temporary table fresh as
      select source_server_id as id, seq from source_servers where report is null;
    ${insertKeptPoints(`select id, seq, timestamptz '-infinity' as since from fresh`)};
    update source_servers set
      state = 'READY_FOR_TEST', was_ready = true, replicator_id = 'i-0123456789abcdef0',
      report = '${report}'::jsonb || jsonb_build_object('sourceServerID', source_server_id),
      reported_at = now(), first_byte_at = now(), replicating_since = now(), last_seen_at = now(),
      initiation = initiation || jsonb_build_object('volumesCreatedAt', now(), 'pairedAt', now(),
        'connectedAt', now(), 'dataAt', now())
      where source_server_id in (select id from fresh);
    update source_servers set state = 'CUTOVER'
      where seq = (select max(seq) from source_servers);
    insert into replication_servers values ('i-0123456789abcdef0', now() + interval '1 day')
      on conflict do nothing;`)
  // What autovacuum does within a minute.
  await service.sql('vacuum analyze')
}
