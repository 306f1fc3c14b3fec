import { MIB } from '@landfall/model'

/** Sizes of instances under EC2's names, so that launch settings keep their meaning here. */
export interface InstanceType {
  readonly name: string
  readonly vcpus: number
  readonly memoryMiB: number
}

const GIB = 1024

/** Size name and vCPUs; the families differ from here on up. */
const SMALL_SIZES: readonly (readonly [string, number])[] = [
  ['large', 2],
  ['xlarge', 4],
  ['2xlarge', 8],
  ['4xlarge', 16],
]
const C5_LARGE: readonly (readonly [string, number])[] = [
  ['9xlarge', 36],
  ['12xlarge', 48],
  ['18xlarge', 72],
  ['24xlarge', 96],
]
const M5_LARGE: readonly (readonly [string, number])[] = [
  ['8xlarge', 32],
  ['12xlarge', 48],
  ['16xlarge', 64],
  ['24xlarge', 96],
]

/** c5 has 2 GiB a vCPU, m5 4, r5 8; t3 has its own sizes. From EC2's public instance type pages. */
export const INSTANCE_TYPES: readonly InstanceType[] = [
  ...family('c5', [...SMALL_SIZES, ...C5_LARGE], 2),
  ...family('m5', [...SMALL_SIZES, ...M5_LARGE], 4),
  ...family('r5', [...SMALL_SIZES, ...M5_LARGE], 8),
  { name: 't3.nano', vcpus: 2, memoryMiB: GIB / 2 },
  { name: 't3.micro', vcpus: 2, memoryMiB: GIB },
  { name: 't3.small', vcpus: 2, memoryMiB: 2 * GIB },
  { name: 't3.medium', vcpus: 2, memoryMiB: 4 * GIB },
  { name: 't3.large', vcpus: 2, memoryMiB: 8 * GIB },
  { name: 't3.xlarge', vcpus: 4, memoryMiB: 16 * GIB },
  { name: 't3.2xlarge', vcpus: 8, memoryMiB: 32 * GIB },
]

export function instanceTypeNamed(name: string): InstanceType | undefined {
  return INSTANCE_TYPES.find((type) => type.name === name)
}

/**
 * Right sizing (BASIC): the smallest type with at least the source's CPUs and RAM, never of the T
 * family. The smallest is the one with the fewest vCPUs, then the least memory. A source larger
 * than every type gets the largest there is.
 */
export function recommendInstanceType(source: { cpus: number; ramBytes: number }): InstanceType {
  const memoryMiB = source.ramBytes / MIB
  const candidates = INSTANCE_TYPES.filter((type) => !type.name.startsWith('t')).toSorted(
    (a, b) => a.vcpus - b.vcpus || a.memoryMiB - b.memoryMiB,
  )
  const fitting = candidates.find(
    (type) => type.vcpus >= source.cpus && type.memoryMiB >= memoryMiB,
  )
  const chosen = fitting ?? candidates.at(-1)
  if (chosen === undefined) throw new Error('the table of instance types is empty')
  return chosen
}

function family(
  name: string,
  sizes: readonly (readonly [string, number])[],
  gibPerCpu: number,
): InstanceType[] {
  return sizes.map(([size, vcpus]) => ({
    name: `${name}.${size}`,
    vcpus,
    memoryMiB: vcpus * gibPerCpu * GIB,
  }))
}
