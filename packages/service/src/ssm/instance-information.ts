import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import {
  managedInstances,
  pingStatus,
  type ManagedInstance,
  type PingStatus,
} from './managed-instances.ts'
import { SsmError } from './ssm-error.ts'

/** SSM's greatest page of instances, and the one without a number. */
const PAGE = 50

interface DescribeInput extends NumberedPageRequest {
  readonly InstanceInformationFilterList?: readonly {
    readonly key: string
    readonly valueSet: readonly string[]
  }[]
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[]
}

/** Instances that can be given commands. */
export function ssmInstanceOperations({ db, timing }: OperationDependencies): OperationGroup {
  return {
    ssm: {
      async DescribeInstanceInformation(input: DescribeInput, context: CallContext) {
        const managed = await managedInstances(db)
        const all = managed.map((row) => ({ row, ping: pingStatus(row, context.now(), timing) }))
        const shown = all.filter(({ row, ping }) => passes(row, ping, input))
        const page = { MaxResults: PAGE, ...input }
        const { items, nextToken } = numberedPage(shown, page, ({ row }) => row.seq)
        return {
          InstanceInformationList: items.map(({ row, ping }) => viewInstance(row, ping)),
          ...nextToken,
        }
      },
    },
  }
}

/** Of every instance here. */
const PLATFORM = 'Linux'
const RESOURCE = 'EC2Instance'

function viewInstance(row: ManagedInstance, ping: PingStatus): object {
  const { agentVersion, platformName, platformVersion, computerName, ipAddress } = row.facts
  return {
    InstanceId: row.instance_id,
    PingStatus: ping,
    LastPingDateTime: row.last_ping_at,
    AgentVersion: agentVersion,
    PlatformType: PLATFORM,
    PlatformName: platformName,
    PlatformVersion: platformVersion,
    ResourceType: RESOURCE,
    ...(ipAddress !== undefined && { IPAddress: ipAddress }),
    ComputerName: computerName,
  }
}

/** By SSM's two ways to filter, which are one list under two names. */
function passes(row: ManagedInstance, ping: PingStatus, input: DescribeInput): boolean {
  const { InstanceInformationFilterList: list = [], Filters: filters = [] } = input
  const wanted = [
    ...list.map(({ key, valueSet }) => ({ key, values: valueSet })),
    ...filters.map(({ Key: key, Values: values }) => ({ key, values })),
  ]
  return wanted.every(({ key, values }) => {
    if (key === 'tag-key') return values.some((name) => Object.hasOwn(row.tags, name))
    return values.includes(valueOf(row, ping, key) ?? '')
  })
}

function valueOf(row: ManagedInstance, ping: PingStatus, key: string): string | undefined {
  if (key.startsWith('tag:')) {
    const name = key.slice('tag:'.length)
    return Object.hasOwn(row.tags, name) ? row.tags[name] : undefined
  }
  switch (key) {
    case 'InstanceIds':
      return row.instance_id
    case 'AgentVersion':
      return row.facts.agentVersion
    case 'PingStatus':
      return ping
    case 'PlatformTypes':
      return PLATFORM
    case 'ResourceType':
      return RESOURCE
    default:
      throw new SsmError(
        'InvalidFilterKey',
        `The filter ${key} is not supported; InstanceIds, AgentVersion, PingStatus, ` +
          'PlatformTypes, ResourceType, tag-key and tag:KEY are.',
      )
  }
}
