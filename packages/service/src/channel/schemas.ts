import {
  DATA_REPLICATION_ERRORS,
  DATA_REPLICATION_STATES,
  ERROR_CODES,
  MISMATCH_FINDERS,
  REPLICATION_STAGES,
  isId,
  type AgentPoll,
  type AgentPresence,
  type AgentRegistration,
  type AgentReplicationReport,
  type CertificateRequest,
  type ChannelPoll,
  type ChannelResult,
  type FirstBootReport,
  type InterfaceSettings,
  type Mismatch,
  type PointCreated,
  type ScrubReport,
  type SourceProperties,
  type StageReport,
  type StagingTrouble,
} from '@landfall/model'
import { z } from 'zod'
import { guestFacts } from '../preflight/facts-schema.ts'
import { TAGS_MAX } from '../tags/tag-list.ts'

/** The shapes of model/src/control.ts, as checks. The annotations keep the two equal. */

const bytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const seconds = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)
/** The model's bounded strings, and its free text. */
const short = z.string().max(256)
const text = z.string().max(65_536)
const id = (kind: Parameters<typeof isId>[0]) =>
  z.string().refine((value) => isId(kind, value), { message: `is not the ID of a ${kind}` })
const sourceServerID = id('sourceServer')
/** Arrays of the model: 60 disks, 32 interfaces, 256 CPUs; IPs, routes by good measure. */
const DISKS_MAX = 60
const INTERFACES_MAX = 32
const CPUS_MAX = 256
const IPS_MAX = 256
/** Results and mounts in one report or point. */
const LISTED_MAX = 1000

const interfaceSettings: z.ZodType<InterfaceSettings> = z.object({
  addresses: z.array(short).max(IPS_MAX),
  gateway: short.exactOptional(),
  routes: z.array(z.object({ destination: short, gateway: short })).max(IPS_MAX),
  nameServers: z.array(short).max(IPS_MAX),
  searchDomains: z.array(short).max(IPS_MAX),
})

const networkInterfaces = z
  .array(
    z.object({
      name: short,
      macAddress: short,
      ips: z.array(short).max(IPS_MAX),
      isPrimary: z.boolean(),
      settings: interfaceSettings.exactOptional(),
    }),
  )
  .max(INTERFACES_MAX)

const sourceProperties: z.ZodType<SourceProperties> = z.object({
  identificationHints: z.object({ hostname: short, fqdn: short }),
  networkInterfaces,
  disks: z
    .array(z.object({ deviceName: short.min(1), bytes, isBootDisk: z.boolean() }))
    .max(DISKS_MAX),
  cpus: z.array(z.object({ cores: bytes, modelName: short })).max(CPUS_MAX),
  ramBytes: bytes,
  os: z.object({ fullString: short }),
  firmware: z.enum(['bios', 'uefi']),
  secureBoot: z.boolean().exactOptional(),
})

const dataReplicationError = z.object({ error: z.enum(DATA_REPLICATION_ERRORS), rawError: text })

export const agentRegistration: z.ZodType<AgentRegistration> = z.object({
  machineIdentity: short.min(1),
  sourceProperties,
  tags: z
    .record(short, short)
    .refine((tags) => Object.keys(tags).length <= TAGS_MAX, `has more than ${TAGS_MAX} tags`),
  userProvidedID: short.regex(/^[^\s\0]( *[^\s\0])*$/).exactOptional(),
  noReplication: z.boolean(),
  agentVersion: short,
})

export const certificateRequest: z.ZodType<CertificateRequest> = z.object({
  sourceServerID,
  publicKeyPem: z.string().max(4096),
})

export const ofServer = z.object({ sourceServerID })

export const agentPoll: z.ZodType<AgentPoll> = z.object({ sourceServerID, waitSeconds: seconds })

const verificationReport = z.object({
  disks: z
    .array(
      z.object({
        deviceName: short,
        comparedBytes: bytes,
        equalBytes: bytes,
        changedBytes: bytes,
        differentBytes: bytes,
        differentOffsets: z.array(bytes).max(LISTED_MAX),
      }),
    )
    .max(DISKS_MAX),
})

const commandResult = z.object({
  commandID: short,
  outcome: z.discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true),
      result: z.union([verificationReport, z.record(z.string(), z.never())]),
    }),
    z.object({ ok: z.literal(false), error: text }),
  ]),
})

const stage = z.enum(REPLICATION_STAGES)

const stageReport: z.ZodType<StageReport> = z.object({
  loads: z
    .array(
      z.object({
        stage,
        bytesPerSecond: z.number().nonnegative(),
        utilisation: z.number().min(0).max(1),
      }),
    )
    .max(REPLICATION_STAGES.length),
  bottleneck: z.object({ stage, sentence: text }).nullable(),
})

const scrubReport: z.ZodType<ScrubReport> = z.object({
  bytesPerSecond: z.number().nonnegative(),
  startedAt: z.iso.datetime(),
  disks: z
    .array(
      z.object({
        deviceName: short,
        totalBytes: bytes,
        verifiedBytes: bytes,
        unrepairedBytes: bytes,
      }),
    )
    .max(DISKS_MAX),
  lastPass: z
    .object({ startedAt: z.iso.datetime(), endedAt: z.iso.datetime(), changingBytes: bytes })
    .exactOptional(),
})

const mismatch: z.ZodType<Mismatch> = z.object({
  mismatchID: z.uuid(),
  foundBy: z.enum(MISMATCH_FINDERS),
  foundAt: z.iso.datetime(),
  deviceName: short,
  offset: bytes,
  differentBytes: bytes,
  pointID: id('point').exactOptional(),
})

export const agentReplicationReport: z.ZodType<AgentReplicationReport> = z.object({
  sourceServerID,
  state: z.enum(DATA_REPLICATION_STATES),
  error: dataReplicationError.nullable(),
  disks: z
    .array(
      z.object({
        deviceName: short,
        totalStorageBytes: bytes,
        replicatedStorageBytes: bytes,
        rescannedStorageBytes: bytes,
        backloggedStorageBytes: bytes,
        error: text.exactOptional(),
      }),
    )
    .max(DISKS_MAX),
  readBytes: bytes,
  wireBytes: bytes,
  lagSeconds: seconds,
  etaSeconds: seconds.exactOptional(),
  nextAttemptSeconds: seconds.exactOptional(),
  stages: stageReport.exactOptional(),
  scrub: scrubReport.exactOptional(),
  mismatches: z.array(mismatch).max(LISTED_MAX).exactOptional(),
  unreplicatedDisks: z.array(short).max(DISKS_MAX).exactOptional(),
  results: z.array(commandResult).max(LISTED_MAX),
})

/** What has changed of the server itself; each part may come alone. */
export const sourcePropertiesUpdate = z.object({
  sourceServerID,
  sourceProperties: sourceProperties.exactOptional(),
  /** What the agent sees every hour; one of before does not tell of interfaces. */
  guest: z
    .object({
      lookedAt: z.iso.datetime(),
      facts: guestFacts,
      networkInterfaces: networkInterfaces.exactOptional(),
    })
    .exactOptional(),
})

export const firstBootReport: z.ZodType<FirstBootReport> = z.object({
  instanceID: id('instance'),
  token: short,
  hostname: short,
})

export const channelPoll: z.ZodType<ChannelPoll> = z.object({
  replicationServerID: id('replicationServer'),
  waitSeconds: seconds,
})

export const channelResult: z.ZodType<ChannelResult> = z.object({
  commandID: short,
  outcome: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), result: z.looseObject({}) }),
    z.object({ ok: z.literal(false), error: text, code: z.enum(ERROR_CODES).exactOptional() }),
  ]),
})

export const pointCreatedNotice: z.ZodType<PointCreated> = z.object({
  point: z.object({
    pointID: id('point'),
    sourceServerID,
    consistency: z.enum(['application', 'filesystem', 'crash']),
    frozen: z.array(text).max(LISTED_MAX),
    notFrozen: z.array(z.object({ what: text, why: text })).max(LISTED_MAX),
    freezeMs: seconds,
    takenAt: z.iso.datetime(),
    disks: z
      .array(z.object({ deviceName: short, sizeBytes: bytes, layerPath: text, layerBytes: bytes }))
      .max(DISKS_MAX),
  }),
})

export const agentPresence: z.ZodType<AgentPresence> = z.object({
  sourceServerID,
  reason: text.exactOptional(),
})

export const stagingTrouble: z.ZodType<StagingTrouble> = z.object({
  sourceServerID,
  error: dataReplicationError.nullable(),
})
