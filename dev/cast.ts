import type { DataReplicationErrorCode } from '@landfall/model'
import { type Behaviour, type LaunchTrouble, STEADY } from './behaviour.ts'

/** How far a server's migration has come when the console is opened. */
export type Progress =
  | 'registered'
  | 'tested'
  | 'test stopped'
  | 'ready for cutover'
  | 'cutting over'
  | 'cut over'
  | 'archived'
  | 'paused'
  | 'stopped'
  | 'disconnected'

/** What about it would go wrong after a launch. */
export type Finding = 'ramdisk lacks drivers' | 'disks by hardware name' | 'other architecture'

export interface Member {
  readonly hostname: string
  readonly application: string
  readonly diskGiB: readonly number[]
  readonly cores: number
  readonly ramGiB: number
  readonly os: string
  readonly firmware: 'bios' | 'uefi'
  readonly progress: Progress
  readonly behaviour: Behaviour
  readonly launch: LaunchTrouble
  readonly finding?: Finding
}

const DEBIAN = 'linux 6.1.0-28-amd64 Debian GNU/Linux 12 (bookworm)'
const UBUNTU = 'linux 5.15.0-130-generic Ubuntu 22.04.5 LTS'
const ROCKY = 'linux 5.14.0-503.el9.x86_64 Rocky Linux 9.5 (Blue Onyx)'
const OLD = 'linux 4.19.0-27-amd64 Debian GNU/Linux 10 (buster)'

function member(
  hostname: string,
  application: string,
  progress: Progress,
  more: Partial<Member> = {},
): Member {
  return {
    ...{ hostname, application, progress },
    ...{ diskGiB: [40], cores: 2, ramGiB: 4, os: DEBIAN, firmware: 'bios' },
    ...{ behaviour: STEADY, launch: {} },
    ...more,
  }
}

/** Waves in their order, and the applications of each. */
export const WAVES: Readonly<Record<string, readonly string[]>> = {
  'Wave 1: internal tools': ['intranet', 'wiki'],
  'Wave 2: web shop': ['shop', 'payments'],
  'Wave 3: ERP': ['erp', 'reporting'],
  'Wave 4: warehouse': ['warehouse'],
}

const big = { cores: 8, ramGiB: 32, firmware: 'uefi' } as const

const MIGRATED: readonly Member[] = [
  member('intra01', 'intranet', 'archived'),
  member('intra-db01', 'intranet', 'archived', { diskGiB: [40, 200] }),
  member('wiki01', 'wiki', 'cut over', { os: UBUNTU }),
  member('wiki-db01', 'wiki', 'cut over', { os: UBUNTU, diskGiB: [40, 120] }),
]

const SHOP: readonly Member[] = [
  member('shop-web01', 'shop', 'cutting over', { os: UBUNTU }),
  member('shop-web02', 'shop', 'cutting over', {
    os: UBUNTU,
    launch: {
      action: { script: 'by_curl', stderr: 'https://127.0.0.1/health answered 503 for 300 s\n' },
    },
  }),
  member('shop-web03', 'shop', 'ready for cutover', { os: UBUNTU }),
  member('shop-cache01', 'shop', 'ready for cutover', { ramGiB: 64, cores: 4 }),
  member('shop-db01', 'shop', 'ready for cutover', { ...big, diskGiB: [80, 500, 500] }),
  member('shop-search01', 'shop', 'tested', { ...big, diskGiB: [60, 300] }),
  member('pay-web01', 'payments', 'tested', { os: ROCKY }),
  member('pay-db01', 'payments', 'tested', {
    ...big,
    diskGiB: [60, 400],
    launch: { neverBoots: true },
  }),
  member('pay-hsm01', 'payments', 'test stopped', { firmware: 'uefi' }),
]

const ERP: readonly Member[] = [
  member('erp-app01', 'erp', 'tested', {
    ...big,
    diskGiB: [100, 250],
    launch: {
      action: { script: 'MiB are free', stderr: '/var/lib/erp: 1.2 GiB are free, 5 are wanted\n' },
    },
  }),
  member('erp-app02', 'erp', 'tested', {
    ...big,
    os: OLD,
    finding: 'ramdisk lacks drivers',
    launch: {
      conversion: 'virt-v2v-in-place ended with 1: error: no installed kernel could be found',
    },
  }),
  member('erp-db01', 'erp', 'registered', {
    ...big,
    diskGiB: [100, 2000],
    behaviour: { kind: 'lagging', isTold: false },
  }),
  member('erp-batch01', 'erp', 'registered', { finding: 'disks by hardware name' }),
  member('report01', 'reporting', 'registered', { os: ROCKY }),
  member('report02', 'reporting', 'registered', { finding: 'other architecture' }),
  member('report-db01', 'reporting', 'registered', { diskGiB: [40, 800] }),
  member('report-old01', 'reporting', 'paused', { os: OLD }),
]

const WAREHOUSE: readonly Member[] = [
  ...(
    [
      ['wh-app01', 0.03, 90, 'wire'],
      ['wh-app02', 0.42, 140, 'compress'],
      ['wh-db01', 0.71, 60, 'read'],
      ['wh-scan01', 0.96, 40, 'flush'],
    ] as const
  ).map(([hostname, fromShare, mibPerSecond, slowest]) =>
    member(hostname, 'warehouse', 'registered', {
      diskGiB: hostname === 'wh-db01' ? [60, 1500] : [80],
      behaviour: { kind: 'syncing', fromShare, mibPerSecond, slowest },
    }),
  ),
  member('wh-print01', 'warehouse', 'registered', {
    behaviour: { kind: 'rescanning', fromShare: 0.3, mibPerSecond: 200, slowest: 'read' },
  }),
  member('wh-gate01', 'warehouse', 'registered', { behaviour: { kind: 'pointless' } }),
  member('wh-label01', 'warehouse', 'registered'),
]

const NO_ROOM = 'No space left on device (/var/lib/landfall/staging: 1.4 GiB of 2.0 TiB free)'

/** Why it stalls, for what an agent or the staging area says themselves. */
const CAUSES: readonly (readonly [DataReplicationErrorCode, 'agent' | 'staging area', string])[] = [
  ['UNSTABLE_NETWORK', 'agent', 'the connection was reset 14 times within an hour (ECONNRESET)'],
  ['FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER', 'agent', 'connect ETIMEDOUT 192.0.2.1:1500'],
  ['FAILED_TO_START_DATA_TRANSFER', 'agent', 'reading /dev/sda at 41 GiB gives EIO'],
  ['FAILED_TO_CREATE_SECURITY_GROUP', 'staging area', 'nft: Operation not permitted'],
  ['FAILED_TO_LAUNCH_REPLICATION_SERVER', 'staging area', 'it ended with code 1 three times'],
  ['FAILED_TO_BOOT_REPLICATION_SERVER', 'staging area', 'it has not answered for 120 s'],
  ['FAILED_TO_AUTHENTICATE_WITH_SERVICE', 'staging area', 'its certificate has expired'],
  ['FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE', 'staging area', 'the checksum is another one'],
  ['FAILED_TO_ATTACH_STAGING_DISKS', 'staging area', 'NBD: the export is in use'],
  ['FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT', 'staging area', 'its key is unknown here'],
]

const STALLED: readonly Member[] = [
  member('lab-silent01', 'laboratory', 'registered', { behaviour: { kind: 'silent' } }),
  member('lab-busy01', 'laboratory', 'registered', {
    behaviour: { kind: 'lagging', isTold: true },
  }),
  member('lab-frozen01', 'laboratory', 'registered', {
    behaviour: { kind: 'points fail', cause: '/srv could not be frozen within 2 s, three times' },
  }),
  member('lab-full01', 'laboratory', 'registered', {
    diskGiB: [40, 4000],
    behaviour: { kind: 'no volumes', cause: NO_ROOM },
  }),
  ...CAUSES.map(([error, by, cause], index) =>
    member(`lab-node${String(index + 1).padStart(2, '0')}`, 'laboratory', 'registered', {
      behaviour: { kind: 'stalled', by, error, cause },
    }),
  ),
  member('lab-old01', 'laboratory', 'stopped', { os: OLD }),
  member('lab-old02', 'laboratory', 'disconnected', { os: OLD }),
]

/** Servers in every state, failures included. */
export const CAST: readonly Member[] = [...MIGRATED, ...SHOP, ...ERP, ...WAREHOUSE, ...STALLED]

/** Those that an agent comes from while the console is open, one after the other. */
export const LATECOMERS: readonly Member[] = ['store01', 'store02', 'store03', 'store04'].map(
  (hostname) =>
    member(hostname, 'stores', 'registered', {
      diskGiB: [20],
      behaviour: { kind: 'syncing', fromShare: 0, mibPerSecond: 120, slowest: 'wire' },
    }),
)
