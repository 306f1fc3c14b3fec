import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ChangeServerLifeCycleStateCommand,
  DeleteSourceServerCommand,
  DescribeJobsCommand,
  DisconnectFromServiceCommand,
  TerminateTargetInstancesCommand,
  UpdateLaunchConfigurationCommand,
} from '@aws-sdk/client-mgn'
import { eventually } from '../eventually.ts'
import type { Installation } from '../installation.ts'
import type { GuestCell } from './cell.ts'
import { interfaceOf } from './hardware.ts'
import { Instance } from './instance.ts'
import { bootSource, type MigrateOptions, replicate } from './source-guest.ts'
import { launchTest, untilUp } from './test-instance.ts'

const REMOVAL_DEADLINE_MS = 300_000

/** What a source has by DHCP, and so has an instance; and one that no DHCP gives. */
const LEASED_ADDRESS = '10.0.2.15/24'
const OWN_ADDRESS = '10.0.2.77/24'

export interface LandedGuest {
  readonly cell: GuestCell
  readonly kernel: string
  /** The disks that the root is on and the network interface, as the instance's kernel has them. */
  readonly target: string
  readonly seconds: Readonly<Record<'sync' | 'point' | 'conversion' | 'boot', number>>
  /** What the conversion did about the initial ramdisk. */
  readonly conversion: string
  readonly screenshot: Buffer
}

/**
 * Migrates a cell's server by the real path: built, booted on its own hardware, replicated by its
 * agent, converted, launched as a test instance. It has landed when the agent in it reports and
 * there is a login prompt on its serial console. Leaves nothing in the installation.
 */
export async function migrateGuest(cell: GuestCell, options: MigrateOptions): Promise<LandedGuest> {
  const { installation } = options
  const folder = await mkdtemp('/var/tmp/landfall-guest-')
  try {
    await using source = await bootSource(cell, folder, options)
    const addAddress = `ip address add ${OWN_ADDRESS} dev ${interfaceOf(cell)}`
    await source.run(addAddress, { signal: options.signal })
    const startedAt = Date.now()
    const sourceServerID = await replicate(cell, source, { ...options, folder })
    const sync = secondsSince(startedAt)
    const client = await installation.client()
    const copyPrivateIp = cell.addresses === 'source'
    await client.send(new UpdateLaunchConfigurationCommand({ sourceServerID, copyPrivateIp }))
    // Two guests at once take twice the time.
    const onPoint = () => source[Symbol.asyncDispose]()
    const launched = await launchTest(sourceServerID, { ...options, onPoint })
    const { instanceID, launchedAt, pointSeconds: point, conversionSeconds } = launched
    await untilUp({ instanceID, sourceServerID }, options)
    const boot = secondsSince(launchedAt)
    const inside = await lookInside(cell, instanceID, installation)
    const screen = join(installation.dataDir, 'instances', instanceID, 'screenshot.png')
    const landed = {
      ...inside,
      cell,
      seconds: { sync, point, conversion: conversionSeconds, boot },
      conversion: await conversionOf(cell, instanceID, installation),
      screenshot: await readFile(screen),
    }
    await discard(sourceServerID, options)
    return landed
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * Kernel; firmware; the disks of the root, and the interface on the network; addresses. The agent
 * reports without a network, and may be there before it.
 */
const LOOK_INSIDE = `
for second in $(seq 60); do
  [ -n "$(ip -o -4 address show scope global)" ] && break
  sleep 1
done
uname -r
if [ -d /sys/firmware/efi ]; then
  case $(od -An -t u1 -j 4 -N 1 /sys/firmware/efi/efivars/SecureBoot-*) in
  *1) echo secure-boot ;;
  *) echo uefi ;;
  esac
else
  echo bios
fi
root=$(findmnt -n -o SOURCE / | sed 's#\\[.*##')
disks=$(lsblk -n -s -l -o NAME,TYPE "$root" | awk '$2 == "disk" { printf "%s ", $1 }')
echo "$disks$(ip -o -4 address show scope global | awk '{ print $2; exit }')"
echo $(ip -o -4 address show scope global | awk '{ print $4 }' | sort)
`

async function lookInside(cell: GuestCell, instanceID: string, installation: Installation) {
  const instance = await Instance.of(installation, instanceID)
  const seen = (await instance.run(LOOK_INSIDE)).split('\n')
  const [kernel = '', firmware, target = '', addresses] = seen
  if (firmware !== cell.firmware) {
    throw new Error(`${instanceID} boots with ${firmware}, its source with ${cell.firmware}`)
  }
  const expected = { dhcp: LEASED_ADDRESS, source: `${LEASED_ADDRESS} ${OWN_ADDRESS}` }
  if (addresses !== expected[cell.addresses]) {
    throw new Error(`${instanceID} has ${addresses}, and is to have ${expected[cell.addresses]}`)
  }
  return { kernel, target }
}

/** What the conversion did about the initial ramdisk, which is what the cell is there for. */
async function conversionOf(cell: GuestCell, instanceID: string, installation: Installation) {
  const log = await readFile(join(installation.dataDir, 'logs', 'staging.log'), 'utf8')
  const lines = log.split('\n').filter((line) => line.includes(instanceID))
  const [expected, words] = cell.ramdisk.endsWith('without virtio')
    ? ['new ramdisk', 'made anew']
    : ['as it was', 'stays as it is']
  if (lines.some((line) => line.includes(words))) return expected
  throw new Error(`${instanceID}: the initial ramdisk was to be ${expected}:\n${lines.join('\n')}`)
}

/** Takes the instance and the server out of the installation: the next needs the room. */
async function discard(
  sourceServerID: string,
  { installation, signal }: MigrateOptions,
): Promise<void> {
  const client = await installation.client()
  const lifeCycle = { state: 'READY_FOR_TEST' } as const
  await client.send(new ChangeServerLifeCycleStateCommand({ sourceServerID, lifeCycle }))
  const { job } = await client.send(
    new TerminateTargetInstancesCommand({ sourceServerIDs: [sourceServerID] }),
  )
  await eventually('the instance is removed', REMOVAL_DEADLINE_MS, async () => {
    signal.throwIfAborted()
    const filters = { jobIDs: [job?.jobID ?? ''] }
    const { items = [] } = await client.send(new DescribeJobsCommand({ filters }))
    return items.find(({ status }) => status === 'COMPLETED')
  })
  await client.send(new DisconnectFromServiceCommand({ sourceServerID }))
  await client.send(new DeleteSourceServerCommand({ sourceServerID }))
}

function secondsSince(startedAt: number): number {
  return (Date.now() - startedAt) / 1000
}
