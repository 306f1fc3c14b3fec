import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { call } from '../../api/call.ts'
import { type Bound, memberOf } from '../../forms/bound.ts'
import { NumberField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import type { VolumeHints } from './launch-template.ts'
import { VolumeFields } from './volume-fields.tsx'
import { VOLUME_TYPES } from './volume-types.ts'

/** MGN's LaunchTemplateDiskConf. */
interface VolumeConf {
  readonly volumeType?: string
  readonly iops?: number
  readonly throughput?: number
}

/** What a launch configuration template says of the volumes of new servers. */
export interface VolumeDefaults {
  /** GiB. */
  readonly smallVolumeMaxSize: number
  readonly smallVolumeConf: VolumeConf
  readonly largeVolumeConf: VolumeConf
}

interface VolumeDefaultsFormProps {
  readonly settings: VolumeDefaults
  readonly id: { readonly launchConfigurationTemplateID: string }
}

/** What the launch template of a new server will say of its disks. */
export function VolumeDefaultsForm({ settings, id }: VolumeDefaultsFormProps) {
  const action = 'mgn:UpdateLaunchConfigurationTemplate'
  const form = useSettingsForm({
    saved: {
      smallVolumeMaxSize: settings.smallVolumeMaxSize,
      smallVolumeConf: editable(settings.smallVolumeConf),
      largeVolumeConf: editable(settings.largeVolumeConf),
    },
    save: (changes) => call(action, { ...id, ...changes }),
    notice: 'The settings of disks are saved.',
    refusal: usePermission()(action),
  })
  const { all } = form
  return (
    <SettingsFormContainer
      header="Disks"
      description="What the EC2 launch template of a new server says of its disks."
      form={form}
    >
      <NumberField
        label="Greatest size of a small disk"
        description="In GiB. Larger ones are large. 0: every disk is large."
        of={memberOf(all, 'smallVolumeMaxSize')}
      />
      {all.value.smallVolumeMaxSize > 0 && (
        <ConfFields header="Small disks" of={memberOf(all, 'smallVolumeConf')} />
      )}
      <ConfFields header="Large disks" of={memberOf(all, 'largeVolumeConf')} />
    </SettingsFormContainer>
  )
}

function editable({ volumeType, iops, throughput }: VolumeConf): VolumeHints {
  return { volumeType: volumeType ?? 'gp2', iops, throughput }
}

const TYPES = VOLUME_TYPES.filter(({ value }) => value !== '')

function ConfFields({ header, of }: { readonly header: string; readonly of: Bound<VolumeHints> }) {
  return (
    <SpaceBetween size="s">
      <Box variant="h3">{header}</Box>
      <VolumeFields name={header} types={TYPES} of={of} />
    </SpaceBetween>
  )
}
