import { MIB } from '@landfall/model'

/** What a launch template says of the volume of a disk, in EC2's words. */
export interface VolumeSettings {
  readonly volumeType?: string
  /** Operations per second. */
  readonly iops?: number
  readonly throughputMiBPerSecond?: number
}

/** How a disk is to be served; what is absent is neither limited nor special. */
export interface DiskHints {
  /** Reads and writes together. */
  readonly iopsMax?: number
  readonly bytesPerSecondMax?: number
  /** Served by a thread of its own, so that the other disks' requests do not delay its own. */
  readonly hasOwnThread?: true
}

interface VolumeType {
  readonly takesIops: boolean
  readonly takesThroughput: boolean
  readonly hasOwnThread: boolean
}

const PLAIN: VolumeType = { takesIops: false, takesThroughput: false, hasOwnThread: false }

/**
 * EC2's volume types, and the settings that EC2 takes for each. Which medium a disk is on is the
 * staging area's file system's, so a type alone only sets the provisioned ones apart.
 */
const VOLUME_TYPES: Readonly<Record<string, VolumeType>> = {
  gp2: PLAIN,
  gp3: { ...PLAIN, takesIops: true, takesThroughput: true },
  io1: { ...PLAIN, takesIops: true, hasOwnThread: true },
  io2: { ...PLAIN, takesIops: true, hasOwnThread: true },
  st1: PLAIN,
  sc1: PLAIN,
  standard: PLAIN,
}

/** EC2's default type of a volume. */
const TYPE_DEFAULT = 'gp2'

export function diskHintsOf(volume: VolumeSettings): DiskHints {
  const { iops, throughputMiBPerSecond: throughput } = volume
  return {
    ...(iops !== undefined && { iopsMax: iops }),
    ...(throughput !== undefined && { bytesPerSecondMax: throughput * MIB }),
    ...(typeOf(volume).hasOwnThread && { hasOwnThread: true }),
  }
}

/** Settings that contradict each other, a sentence each with both facts. */
export function volumeProblems(deviceName: string, volume: VolumeSettings): string[] {
  const { volumeType = TYPE_DEFAULT, iops, throughputMiBPerSecond: throughput } = volume
  const type = typeOf(volume)
  const problems: string[] = []
  const check = (name: string, value: number | undefined, isTaken: boolean, remedy: string) => {
    if (value === undefined) return
    const fact = `Disk ${deviceName} is a volume of type ${volumeType}, and the launch template sets`
    if (!isTaken) {
      problems.push(`${fact} ${name} ${value}, which only ${remedy} has; change either.`)
    } else if (value < 1) {
      problems.push(`${fact} ${name} ${value}; set at least 1, or leave it out for no limit.`)
    }
  }
  check('Iops', iops, type.takesIops, 'gp3, io1 or io2')
  check('Throughput', throughput, type.takesThroughput, 'gp3')
  return problems
}

function typeOf({ volumeType = TYPE_DEFAULT }: VolumeSettings): VolumeType {
  return VOLUME_TYPES[volumeType] ?? PLAIN
}
