import { setTimeout as sleep } from 'node:timers/promises'
import type { Installation } from '../test/installation.ts'
import type { Surroundings } from './figure.ts'
import type { PeerCertificates } from './peer-certificates.ts'
import { type DaemonSetup, PeerExport, secondsOf } from './peer-export.ts'
import { cpuSeconds, stagingProcesses } from './process-use.ts'
import { registerServer, type RegisteredServer } from './registered-server.ts'
import { RunningReplicator } from './running-replicator.ts'
import { forgetCache } from './source-disk.ts'
import { significant } from './figure.ts'

/** Writing back what the run before left in the page cache, in seconds: both begin alike. */
const SETTLE_MS = 1000

/** Where a copy runs: nothing for loopback. */
export interface Place {
  readonly address: string
  readonly networkNamespace?: string
}

export interface SyncTaken {
  readonly seconds: number
  /** Of frames, without TLS and TCP. */
  readonly wireBytes: number
}

/**
 * One initial sync of the disk by us: from the agent's connection to the replication server until
 * it reports CONTINUOUS, when all is durable.
 */
export async function syncOnce(
  installation: Installation,
  device: string,
  options: Surroundings & { readonly place: Place },
): Promise<SyncTaken> {
  const { place, signal, log } = options
  const server = await registerServer(installation, [device], signal)
  await settle(device)
  const before = await cpuOfStaging(installation, server)
  const { address, ...namespace } = place
  await using replicator = await RunningReplicator.start(server, {
    addresses: [address],
    ...namespace,
    signal,
  })
  const end = await replicator.until('CONTINUOUS')
  const start = replicator.states.find(({ state }) => state === 'INITIAL_SYNC')
  if (start === undefined) throw new Error('The agent never reported an initial sync')
  const agent = await cpuSeconds(replicator.processID)
  const after = await cpuOfStaging(installation, server)
  const seconds = (end.atMs - start.atMs) / 1000
  log(
    `ours ${significant(seconds)} s; CPU: agent ${significant(agent)} s, ` +
      `replication server ${significant(after.server - before.server)} s, ` +
      `storage daemon ${significant(after.daemon - before.daemon)} s`,
  )
  return { seconds, wireBytes: end.wireBytes }
}

/** Seconds of one copy of the disk by a peer, into an empty volume like ours. */
export async function copyOnce(
  peer: 'nbdcopy' | 'convert',
  device: string,
  options: Surroundings & {
    readonly place: Place
    readonly sizeBytes: number
    readonly certificates: PeerCertificates
    readonly setup?: DaemonSetup
    readonly within?: (command: readonly string[]) => string[]
  },
): Promise<number> {
  const { log, signal, place, within = (command) => [...command] } = options
  await using target = await PeerExport.start({ ...options, address: place.address })
  await settle(device)
  const command = peer === 'nbdcopy' ? target.nbdcopy(device) : target.convert(device)
  const seconds = await secondsOf(within(command), signal)
  const daemon = await cpuSeconds(target.processID)
  const whose = options.setup === 'as ours' ? 'storage daemon like ours' : 'storage daemon'
  log(`${command[0]} ${significant(seconds)} s; CPU of its ${whose} ${significant(daemon)} s`)
  return seconds
}

async function settle(device: string): Promise<void> {
  await sleep(SETTLE_MS)
  await forgetCache(device)
}

async function cpuOfStaging(
  installation: Installation,
  { sourceServerID }: RegisteredServer,
): Promise<{ server: number; daemon: number }> {
  const { server, daemon } = await stagingProcesses(installation, sourceServerID)
  return { server: await cpuSeconds(server), daemon: await cpuSeconds(daemon) }
}
