import type { Action } from '../../api/call.ts'
import { call } from '../../api/call.ts'
import { memberOf } from '../../forms/bound.ts'
import { NumberField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { CloudOnly } from './cloud-only.tsx'

/** MGN's ReplicationConfiguration, or its template; the rest of it only a cloud has. */
export interface ReplicationSettings {
  /** Megabits per second of each server; 0 is unlimited. */
  readonly bandwidthThrottling: number
}

interface ThrottleFormProps {
  readonly settings: ReplicationSettings
  readonly action: Action
  /** Names whose settings they are. */
  readonly id: object
  readonly description: string
}

/** The settings of data replication that mean something here. */
export function ThrottleForm({ settings, action, id, description }: ThrottleFormProps) {
  const form = useSettingsForm({
    saved: { bandwidthThrottling: settings.bandwidthThrottling },
    save: (changes) => call(action, { ...id, ...changes }),
    notice: 'The replication settings are saved.',
    refusal: usePermission()(action),
  })
  return (
    <SettingsFormContainer header="Data replication" description={description} form={form}>
      <NumberField
        label="Bandwidth throttling"
        description="The most that each source server may send, in Mbit/s. 0 is no limit."
        of={memberOf(form.all, 'bandwidthThrottling')}
      />
      <CloudOnly settings={settings} />
    </SettingsFormContainer>
  )
}
