import { INSTANCE_TYPES, type InstanceType } from '@landfall/launch'
import type { OperationGroup } from '../http/operation.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filter } from './filters.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'

interface Input extends NumberedPageRequest {
  readonly InstanceTypes?: readonly string[]
  readonly Filters?: readonly Filter[]
}

/** The catalogue of sizes that an instance can have. */
export function ec2InstanceTypeOperations(): OperationGroup {
  return {
    ec2: {
      async DescribeInstanceTypes(input: Input) {
        const { InstanceTypes: names = [] } = input
        const unknown = names.find((name) => INSTANCE_TYPES.every((type) => type.name !== name))
        if (unknown !== undefined) {
          throw new Ec2Error(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${unknown}].`,
          )
        }
        const shown = INSTANCE_TYPES.map((type, order) => ({ type, order })).filter(
          ({ type }) =>
            (names.length === 0 || names.includes(type.name)) &&
            matchesFilters(input.Filters, {}, valuesOf(type)),
        )
        const { items, nextToken } = numberedPage(shown, input, ({ order }) => order)
        return { InstanceTypes: items.map(({ type }) => viewType(type)), ...nextToken }
      },
    },
  }
}

function valuesOf({ name, vcpus, memoryMiB }: InstanceType) {
  return {
    'instance-type': name,
    'vcpu-info.default-vcpus': String(vcpus),
    'memory-info.size-in-mib': String(memoryMiB),
    'current-generation': 'true',
  }
}

function viewType({ name, vcpus, memoryMiB }: InstanceType): object {
  return {
    InstanceType: name,
    CurrentGeneration: true,
    BareMetal: false,
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    SupportedUsageClasses: ['on-demand'],
    ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
    VCpuInfo: { DefaultVCpus: vcpus },
    MemoryInfo: { SizeInMiB: memoryMiB },
    InstanceStorageSupported: false,
    SupportedBootModes: ['legacy-bios', 'uefi'],
  }
}
