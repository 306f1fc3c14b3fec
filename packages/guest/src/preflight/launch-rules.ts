import { DISK_BYTES_MAX, DISKS_PER_SERVER_MAX, MIB } from '@landfall/model'
import { canBeReplicated, some, type PreflightRule } from './rule.ts'

const TIB = 1024 * 1024 * MIB

/** What an instance, or the replication that it stands on, cannot be or have. */
export const LAUNCH_RULES: readonly PreflightRule[] = [
  {
    id: 'launch-refused',
    severity: 'blocker',
    about: 'launch',
    title: 'A launch would be refused, by the launch settings or for what the target lacks.',
    remedy: 'Change what is named; `landfall launch-plan` says what would be launched then.',
    check: (_, { launch }) => some(launch.problems),
  },
  {
    id: 'instance-smaller',
    severity: 'warning',
    about: 'launch',
    title: 'The instance gets fewer CPUs or less memory than was asked for.',
    remedy:
      'See in a test instance that it is enough, or launch on a larger host. `landfall launch-plan` ' +
      'says what bounds it.',
    check: (_, { launch: { sizes } }) => {
      if (sizes === undefined) return undefined
      const { asked, given } = sizes
      return some([
        ...(given.vcpus < asked.vcpus ? [`${given.vcpus} of ${asked.vcpus} CPUs`] : []),
        ...(given.memoryMiB < asked.memoryMiB
          ? [`${given.memoryMiB} of ${asked.memoryMiB} MiB of memory`]
          : []),
      ])
    },
  },
  {
    id: 'disk-too-large',
    severity: 'blocker',
    about: 'launch',
    title: `A disk is larger than ${DISK_BYTES_MAX / TIB} TiB: it cannot be replicated.`,
    remedy: 'Leave it out of --devices and move its data by other means, or divide it before.',
    check: (_, { disks }) =>
      some(
        disks
          .filter(({ bytes }) => bytes > DISK_BYTES_MAX)
          .map(({ deviceName, bytes }) => `${deviceName} has ${(bytes / TIB).toFixed(1)} TiB`),
      ),
  },
  {
    id: 'too-many-disks',
    severity: 'warning',
    about: 'launch',
    title: `More than ${DISKS_PER_SERVER_MAX} disks are in use, which is what a server can have.`,
    remedy: 'Choose in --devices which of them move, and move the data of the others before.',
    check: ({ live }, { disks }) => {
      // Several paths to a disk have names of their own.
      const mounts = (live?.mounts ?? []).filter(({ layers }) => !layers.includes('multipath'))
      const mounted = mounts.flatMap(({ disks: under }) => under).filter(canBeReplicated)
      const used = new Set([...disks.map(({ deviceName }) => deviceName), ...mounted])
      return used.size > DISKS_PER_SERVER_MAX ? [`${used.size} disks`] : undefined
    },
  },
]
