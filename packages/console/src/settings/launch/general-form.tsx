import ColumnLayout from '@cloudscape-design/components/column-layout'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type Action, call } from '../../api/call.ts'
import { type Bound, memberOf } from '../../forms/bound.ts'
import { type Choice, ChoiceField, SwitchField, TextField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'

/** What MGN's launch configuration and its template have in common, as far as it counts here. */
export interface GeneralSettings {
  readonly launchDisposition: 'STARTED' | 'STOPPED'
  readonly targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC'
  readonly copyPrivateIp: boolean
  readonly copyTags: boolean
  readonly bootMode: 'USE_SOURCE' | 'LEGACY_BIOS' | 'UEFI'
  readonly enableMapAutoTagging: boolean
  readonly mapAutoTaggingMpeID?: string
}

const DISPOSITIONS: readonly Choice<GeneralSettings['launchDisposition']>[] = [
  { value: 'STARTED', label: 'Started' },
  { value: 'STOPPED', label: 'Stopped', description: 'It is made, and waits to be started.' },
]

const RIGHT_SIZINGS: readonly Choice<GeneralSettings['targetInstanceTypeRightSizingMethod']>[] = [
  {
    value: 'BASIC',
    label: 'On',
    description: 'The smallest of the c5, m5 and r5 types with the CPUs and memory of the source.',
  },
  { value: 'NONE', label: 'Off', description: 'The instance type of the launch template.' },
]

const BOOT_MODES: readonly Choice<GeneralSettings['bootMode']>[] = [
  { value: 'USE_SOURCE', label: 'As the source boots' },
  { value: 'LEGACY_BIOS', label: 'BIOS' },
  {
    value: 'UEFI',
    label: 'UEFI',
    description: 'Another than the source’s is refused: its disks have no boot loader for it.',
  },
]

interface GeneralFormProps {
  readonly settings: GeneralSettings
  readonly action: Action
  /** Names whose settings they are. */
  readonly id: object
  readonly description: string
}

export function GeneralForm({ settings, action, id, description }: GeneralFormProps) {
  const form = useSettingsForm({
    saved: editable(settings),
    save: (changes) => call(action, { ...id, ...changes }),
    notice: 'The general launch settings are saved.',
    refusal: usePermission()(action),
  })
  return (
    <SettingsFormContainer header="General settings" description={description} form={form}>
      <Fields of={form.all} />
    </SettingsFormContainer>
  )
}

type Editable = Required<GeneralSettings>

function editable(settings: GeneralSettings): Editable {
  return {
    launchDisposition: settings.launchDisposition,
    targetInstanceTypeRightSizingMethod: settings.targetInstanceTypeRightSizingMethod,
    copyPrivateIp: settings.copyPrivateIp,
    copyTags: settings.copyTags,
    bootMode: settings.bootMode,
    enableMapAutoTagging: settings.enableMapAutoTagging,
    mapAutoTaggingMpeID: settings.mapAutoTaggingMpeID ?? '',
  }
}

function Fields({ of }: { readonly of: Bound<Editable> }) {
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={3} minColumnWidth={180}>
        <ChoiceField
          label="Instance type right sizing"
          choices={RIGHT_SIZINGS}
          of={memberOf(of, 'targetInstanceTypeRightSizingMethod')}
        />
        <ChoiceField
          label="After its launch the instance is"
          choices={DISPOSITIONS}
          of={memberOf(of, 'launchDisposition')}
        />
        <ChoiceField label="Boot mode" choices={BOOT_MODES} of={memberOf(of, 'bootMode')} />
      </ColumnLayout>
      <SwitchField
        label="Copy private IP addresses"
        description="The instance keeps the addresses of the source’s primary network interface."
        of={memberOf(of, 'copyPrivateIp')}
      />
      <SwitchField
        label="Transfer server tags"
        description="The server’s tags become the instance’s; those of the launch template win."
        of={memberOf(of, 'copyTags')}
      />
      <SwitchField
        label="MAP program tagging"
        description="The instance gets the tag map-migrated."
        of={memberOf(of, 'enableMapAutoTagging')}
      />
      {of.value.enableMapAutoTagging && (
        <TextField
          label="Value of the tag map-migrated"
          description="The ID of the Migration Acceleration Program engagement."
          of={memberOf(of, 'mapAutoTaggingMpeID')}
        />
      )}
    </SpaceBetween>
  )
}
