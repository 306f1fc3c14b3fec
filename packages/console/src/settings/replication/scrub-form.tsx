import { MIB, SCRUB_BYTES_PER_SECOND } from '@landfall/model'
import { call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { memberOf } from '../../forms/bound.ts'
import { type Choice, ChoiceField, NumberField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { Loaded } from '../loaded.tsx'

interface RateView {
  /** 0: nothing is compared. */
  readonly bytesPerSecond: number
  readonly isDefault: boolean
}

type Mode = 'DEFAULT' | 'OFF' | 'OWN'

const MODES: readonly Choice<Mode>[] = [
  {
    value: 'DEFAULT',
    label: `The default, ${SCRUB_BYTES_PER_SECOND / MIB} MiB/s`,
    description: 'Costs the source 0.15 % of a processor core; a TiB takes 24 days.',
  },
  { value: 'OWN', label: 'A rate of its own', description: 'Twice the rate costs twice as much.' },
  { value: 'OFF', label: 'Off', description: 'Nothing is compared in the background.' },
]

/** A rate to begin with, for a server that gets one of its own. */
const OWN_MIB_PER_SECOND = 2

interface Rate {
  readonly mode: Mode
  /** Of MiB; kept by the form while another mode is chosen. */
  readonly bytesPerSecond: number
}

interface ServerProps {
  readonly sourceServerID: string
}

/** How fast source and replica of the server are compared in the background. */
export function ScrubForm({ sourceServerID }: ServerProps) {
  const query = usePolled<RateView>('landfall:GetScrubRate', { sourceServerID })
  return (
    <Loaded query={query} what="the rate of the comparison">
      {(view) => <RateForm sourceServerID={sourceServerID} {...view} />}
    </Loaded>
  )
}

function RateForm({ sourceServerID, bytesPerSecond, isDefault }: ServerProps & RateView) {
  const isOwn = !isDefault && bytesPerSecond > 0
  const form = useSettingsForm<Rate>({
    saved: {
      mode: isDefault ? 'DEFAULT' : isOwn ? 'OWN' : 'OFF',
      bytesPerSecond: isOwn ? bytesPerSecond / MIB : OWN_MIB_PER_SECOND,
    },
    save: (_, rate) =>
      call('landfall:UpdateScrubRate', { sourceServerID, bytesPerSecond: bytesOf(rate) }),
    notice: 'The rate of the comparison is saved.',
    refusal: usePermission()('landfall:UpdateScrubRate'),
  })
  return (
    <SettingsFormContainer
      header="Comparison of source and replica"
      description={
        'While replication is continuous, source and replica are compared, range by range. What ' +
        'differs is sent again, counted and shown. A change counts at once.'
      }
      form={form}
    >
      <ChoiceField label="Rate" choices={MODES} of={memberOf(form.all, 'mode')} />
      {form.all.value.mode === 'OWN' && (
        <NumberField
          label="MiB per second"
          constraint="At most 1024."
          of={memberOf(form.all, 'bytesPerSecond')}
        />
      )}
    </SettingsFormContainer>
  )
}

/** As the service takes it: null is the default. */
function bytesOf({ mode, bytesPerSecond }: Rate): number | null {
  if (mode === 'DEFAULT') return null
  return mode === 'OFF' ? 0 : Math.round(bytesPerSecond * MIB)
}
