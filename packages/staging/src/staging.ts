import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { convertPoint, inspectPoint } from '@landfall/conversion'
import { isId, LandfallError } from '@landfall/model'
import { Conversions } from './conversions/conversions.ts'
import { Inspections } from './conversions/inspections.ts'
import { FatalRefusal } from './replication-server/refused.ts'
import { ReplicationServer } from './replication-server/replication-server.ts'
import { Admissions } from './service-channel/admissions.ts'
import { CommandChannel } from './service-channel/command-channel.ts'
import { executeCommand } from './service-channel/execute-command.ts'
import { Notices } from './service-channel/notices.ts'
import { announcePoints } from './service-channel/point-announcer.ts'
import { ServiceClient } from './service-channel/service-client.ts'
import type { RequestedDisk } from './volumes/requested-disks.ts'
import { StagingArea } from './volumes/staging-area.ts'
import type { VolumeSet } from './volumes/staging-volume.ts'

/** An agent that comes while the volumes are being opened waits this long, and then comes again. */
const OPEN_MS_MAX = 10_000

export interface StagingOptions {
  readonly dataDir: string
  readonly serviceEndpoint: string
  readonly replicationPort: number
  readonly log: (message: string) => void
}

export interface Staging extends AsyncDisposable {
  readonly port: number
}

/** Starts the staging area on one machine. Disposing it loses nothing that was acknowledged. */
export async function startStaging(options: StagingOptions): Promise<Staging> {
  const { dataDir, log } = options
  const stagingDir = join(dataDir, 'staging')
  await mkdir(stagingDir, { recursive: true })
  const tls = await readIdentity(dataDir)
  const stopping = new AbortController()
  const { signal } = stopping
  const client = new ServiceClient({ endpoint: options.serviceEndpoint, tls })
  const call = (action: string, body: object): Promise<unknown> =>
    client.call(action, body, { signal })
  const notices = new Notices({ call, log, signal })
  const admissions = await Admissions.open(join(stagingDir, 'admitted.json'))
  const area = await openArea(dataDir, notices, log)
  const server = await ReplicationServer.start({
    port: options.replicationPort,
    tls,
    isAdmitted: (sourceServerID) => admissions.has(sourceServerID),
    openSet: (sourceServerID, disks) => openSet(area, sourceServerID, disks),
    onPoint: (sourceServerID) => announcePoints(area, notices, sourceServerID),
    ...presence(notices),
    log,
  })
  const conversions = new Conversions({
    area,
    conversionsDir: join(stagingDir, 'conversions'),
    applianceDir: join(stagingDir, 'appliance'),
    learnedDir: join(stagingDir, 'learned'),
    convert: convertPoint,
    log,
    signal,
  })
  const inspections = new Inspections({
    area,
    inspectionsDir: join(stagingDir, 'inspections'),
    applianceDir: join(stagingDir, 'appliance'),
    inspect: inspectPoint,
    isConverting: () => conversions.isBusy,
    signal,
  })
  const endSession = (sourceServerID: string): Promise<void> => endAdmission(server, sourceServerID)
  const channel = new CommandChannel({
    client,
    replicationServerID: tls.replicationServerID,
    execute: (command) => executeCommand(command, { area, conversions, inspections, endSession }),
    onAdmitted: async (list) => {
      await Promise.all((await admissions.replace(list)).map(endSession))
    },
    log,
    signal,
  })
  for (const { record } of area.servers()) announcePoints(area, notices, record.sourceServerID)
  const polling = channel.run()
  log(`The replication server listens on port ${server.port}`)
  return {
    port: server.port,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      stopping.abort(new Error('The staging area is shutting down'))
      await polling
      await conversions.idle()
      await inspections.idle()
      await area[Symbol.asyncDispose]()
      client.close()
    },
  }
}

function openArea(
  dataDir: string,
  notices: Notices,
  log: (message: string) => void,
): Promise<StagingArea> {
  return StagingArea.open({
    stagingDir: join(dataDir, 'staging'),
    runDir: join(dataDir, 'run', 'staging'),
    logDir: join(dataDir, 'logs', 'staging'),
    log,
    reportTrouble: (sourceServerID, error) =>
      notices.tell(`trouble ${sourceServerID}`, {
        action: 'UpdateAgentReplicationProcessStateForMgn',
        body: async () => ({ sourceServerID, error }),
      }),
  })
}

async function endAdmission(server: ReplicationServer, sourceServerID: string): Promise<void> {
  await server.sessions.end(sourceServerID, {
    code: 'not_admitted',
    message: `The service does not admit source server ${sourceServerID} to replication any more`,
  })
}

async function openSet(
  area: StagingArea,
  sourceServerID: string,
  disks: readonly RequestedDisk[],
): Promise<VolumeSet> {
  await area.growVolumes(sourceServerID, disks)
  const storage = area.find(sourceServerID)
  if (storage === undefined) {
    throw new FatalRefusal(
      'no_volume',
      `The staging area has no volumes for source server ${sourceServerID} yet`,
    )
  }
  try {
    return await storage.ready(AbortSignal.timeout(OPEN_MS_MAX))
  } catch (cause) {
    const message = `The volumes of source server ${sourceServerID} are not open yet`
    throw new FatalRefusal('storage_failed', message, { cause })
  }
}

function presence(notices: Notices): {
  connected: (sourceServerID: string) => void
  disconnected: (sourceServerID: string, reason: string) => void
} {
  return {
    connected: (sourceServerID) =>
      notices.tell(`presence ${sourceServerID}`, {
        action: 'NotifyAgentConnectedForMgn',
        body: async () => ({ sourceServerID }),
      }),
    disconnected: (sourceServerID, reason) =>
      notices.tell(`presence ${sourceServerID}`, {
        action: 'NotifyAgentDisconnectedForMgn',
        body: async () => ({ sourceServerID, reason }),
      }),
  }
}

async function readIdentity(dataDir: string) {
  const read = (name: string): Promise<string> => readFile(join(dataDir, 'ca', name), 'utf8')
  const certificatePem = await read('staging.crt')
  const { subject } = new X509Certificate(certificatePem)
  const replicationServerID = /^CN=(.*)$/m.exec(subject)?.[1] ?? ''
  if (!isId('replicationServer', replicationServerID)) {
    throw new LandfallError(
      'validation',
      `The certificate ca/staging.crt in ${dataDir} names no replication server: ${subject}`,
    )
  }
  return {
    keyPem: await read('staging.key'),
    certificatePem,
    caPem: await read('ca.crt'),
    replicationServerID,
  }
}
