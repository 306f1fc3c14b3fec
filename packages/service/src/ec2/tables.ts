import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/**
 * EC2 launch templates: one for each source server, one for each launch configuration template, and
 * those that callers made.
 */
export interface LaunchTemplatesTable {
  launch_template_id: string
  seq: Generated<number>
  /** Null for all but a source server's own. */
  source_server_id: string | null
  name: string
  /** The version that a launch uses. */
  default_version: Generated<number>
  latest_version: Generated<number>
  tags: JsonColumn<Record<string, string>>
  created_at: ColumnType<Date, Date, never>
  created_by: string
}

/** The members of EC2's RequestLaunchTemplateData that are looked at here; all are kept. */
export interface LaunchTemplateData {
  readonly InstanceType?: string
  readonly IamInstanceProfile?: { readonly Name?: string }
  readonly Placement?: { readonly HostId?: string; readonly Tenancy?: string }
  readonly DisableApiTermination?: boolean
  readonly BlockDeviceMappings?: readonly {
    readonly DeviceName?: string
    readonly Ebs?: {
      readonly VolumeType?: string
      readonly Iops?: number
      readonly Throughput?: number
      readonly DeleteOnTermination?: boolean
    }
  }[]
  readonly NetworkInterfaces?: readonly {
    readonly DeviceIndex?: number
    readonly NetworkInterfaceId?: string
    readonly SubnetId?: string
    readonly PrivateIpAddresses?: readonly {
      readonly PrivateIpAddress?: string
      readonly Primary?: boolean
    }[]
    readonly Groups?: readonly string[]
    readonly AssociatePublicIpAddress?: boolean
    readonly DeleteOnTermination?: boolean
  }[]
  readonly TagSpecifications?: readonly {
    readonly ResourceType?: string
    readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[]
  }[]
}

export interface LaunchTemplateVersionsTable {
  launch_template_id: string
  /** From 1. */
  version: number
  description: string | null
  data: JsonColumn<LaunchTemplateData>
  created_at: ColumnType<Date, Date, never>
  created_by: string
}

export type LaunchTemplateRow = Selectable<LaunchTemplatesTable>
export type LaunchTemplateVersionRow = Selectable<LaunchTemplateVersionsTable>

export interface Ec2Tables {
  launch_templates: LaunchTemplatesTable
  launch_template_versions: LaunchTemplateVersionsTable
}
