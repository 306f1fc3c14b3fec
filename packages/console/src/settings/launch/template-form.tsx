import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import type { SelectProps } from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { type Bound, errorText, memberOf } from '../../forms/bound.ts'
import { SelectField, SwitchField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { type Tag, TagsField } from '../../forms/tags-field.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { readTemplate, type TemplateSettings, writeTemplate } from './launch-template.ts'
import type { TemplateVersion } from './template-version.ts'
import { VersionHistory } from './version-history.tsx'
import { VolumesField } from './volumes-field.tsx'

/** EC2's limit of tags of one instance. */
const TAGS_MAX = 50

interface TemplateFormProps {
  /** The default version, which launches go by. */
  readonly version: TemplateVersion
  /** The disks of the source, as far as they are known. */
  readonly deviceNames: readonly string[]
  readonly isRightSized: boolean
}

/** A server's EC2 launch template. Saving makes a new version, and makes it the default. */
export function TemplateForm({ version, deviceNames, isRightSized }: TemplateFormProps) {
  const permission = usePermission()
  const form = useSettingsForm<TemplateSettings>({
    saved: readTemplate(version.LaunchTemplateData, deviceNames),
    save: (changes) => saveVersion(version, changes),
    notice: 'The launch template has a new version, which is the default.',
    refusal:
      permission('ec2:CreateLaunchTemplateVersion') ?? permission('ec2:ModifyLaunchTemplate'),
  })
  return (
    <SettingsFormContainer
      header="EC2 launch template"
      description={
        `${version.LaunchTemplateId}, version ${version.VersionNumber}. Saving makes a new ` +
        'version of it the default; instances that were launched stay as they are.'
      }
      form={form}
    >
      <Fields of={form.all} isRightSized={isRightSized} />
      <VersionHistory launchTemplateID={version.LaunchTemplateId} />
    </SettingsFormContainer>
  )
}

/** What somebody else made the default meanwhile is not what was edited: it stays as a version. */
async function saveVersion(before: TemplateVersion, changes: Partial<TemplateSettings>) {
  const { LaunchTemplateId, VersionNumber, LaunchTemplateData } = before
  const { LaunchTemplateVersion: made } = await call<{
    readonly LaunchTemplateVersion: TemplateVersion
  }>('ec2:CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    SourceVersion: String(VersionNumber),
    LaunchTemplateData: writeTemplate(LaunchTemplateData, changes),
  })
  const DefaultVersion = String(made.VersionNumber)
  await call('ec2:ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion })
}

interface FieldsProps {
  readonly of: Bound<TemplateSettings>
  readonly isRightSized: boolean
}

function Fields({ of, isRightSized }: FieldsProps) {
  const types = useInstanceTypes()
  const subnets = useSubnets()
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2} minColumnWidth={220}>
        <SelectField
          label="Instance type"
          description={
            isRightSized
              ? 'Not used while right sizing is on, which chooses another.'
              : 'What the instance has of processors and memory.'
          }
          options={types}
          hasFilter
          of={memberOf(of, 'instanceType')}
        />
        <SelectField
          label="Subnet"
          description="The network of cutover instances, and of test instances that are like them."
          options={subnets}
          of={memberOf(of, 'subnetID')}
        />
      </ColumnLayout>
      <VolumesField of={memberOf(of, 'volumes')} />
      <InstanceTags of={memberOf(of, 'tags')} />
      <SwitchField
        label="Termination protection"
        description="Nothing removes the instance, not even the next launch, until it is off again."
        of={memberOf(of, 'isProtected')}
      />
    </SpaceBetween>
  )
}

function InstanceTags({ of }: { readonly of: Bound<readonly Tag[]> }) {
  return (
    <FormField
      label="Tags of the instance"
      description="They win over those that are transferred from the server."
      errorText={errorText(of)}
      stretch
    >
      <TagsField tags={of.value} tagsMax={TAGS_MAX} isReadOnly={of.isReadOnly} onChange={of.set} />
    </FormField>
  )
}

type Options = readonly (SelectProps.Option & { readonly value: string })[]

interface InstanceTypes {
  readonly InstanceTypes: readonly {
    readonly InstanceType: string
    readonly VCpuInfo: { readonly DefaultVCpus: number }
    readonly MemoryInfo: { readonly SizeInMiB: number }
  }[]
}

function useInstanceTypes(): Options {
  const { data } = usePolled<InstanceTypes>('ec2:DescribeInstanceTypes', {}, { pollMs: false })
  return (data?.InstanceTypes ?? []).map(({ InstanceType: value, VCpuInfo, MemoryInfo }) => ({
    value,
    description: `${VCpuInfo.DefaultVCpus} vCPUs, ${MemoryInfo.SizeInMiB / 1024} GiB of memory`,
  }))
}

interface Subnets {
  readonly Subnets: readonly {
    readonly SubnetId: string
    readonly CidrBlock: string
    readonly Tags: readonly { readonly Key: string; readonly Value: string }[]
  }[]
}

function useSubnets(): Options {
  const { data } = usePolled<Subnets>('ec2:DescribeSubnets', {}, { pollMs: false })
  const known = (data?.Subnets ?? []).map(({ SubnetId: value, CidrBlock, Tags }) => {
    const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value ?? ''
    return {
      value,
      label: tag('Name') || value,
      description: `${tag('landfall:kind')}, ${CidrBlock}`,
      labelTag: value,
    }
  })
  return [{ value: '', label: 'Not chosen', description: 'The network “default”.' }, ...known]
}
