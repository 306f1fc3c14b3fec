import { call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { memberOf } from '../../forms/bound.ts'
import { type Choice, ChoiceField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { Loaded } from '../loaded.tsx'
import type { Owner } from '../owner.ts'

type TestNetwork = 'ISOLATED' | 'LIKE_CUTOVER'

interface NetworkSettings {
  readonly testNetwork: TestNetwork
  /** Nobody chose. */
  readonly isDefault: boolean
}

const NETWORKS: readonly Choice<TestNetwork>[] = [
  {
    value: 'ISOLATED',
    label: 'Isolated',
    description: 'It gets its address and meets nobody. Its agent reports all the same.',
  },
  {
    value: 'LIKE_CUTOVER',
    label: 'Like the cutover',
    description:
      'It is where the cutover instance will be. Stop the source first if it keeps its addresses.',
  },
]

/** Where test instances are launched: the source still runs, and is the same machine. */
export function NetworkForm({ owner }: { readonly owner: Owner }) {
  const query = usePolled<NetworkSettings>('landfall:GetNetworkSettings', owner.id)
  return (
    <Loaded query={query} what="the test network">
      {(settings) => <TestNetworkForm owner={owner} settings={settings} />}
    </Loaded>
  )
}

interface TestNetworkFormProps {
  readonly owner: Owner
  readonly settings: NetworkSettings
}

function TestNetworkForm({ owner, settings: { testNetwork, isDefault } }: TestNetworkFormProps) {
  const action = 'landfall:UpdateNetworkSettings'
  const form = useSettingsForm({
    saved: { testNetwork },
    save: (changes) => call(action, { ...owner.id, ...changes }),
    notice: 'The test network is saved.',
    refusal: usePermission()(action),
  })
  return (
    <SettingsFormContainer
      header="Test network"
      description={`Where test instances are launched. ${isDefault ? 'Nobody chose: this is the default.' : ''}`}
      form={form}
    >
      <ChoiceField
        label="Network of test instances"
        choices={NETWORKS}
        of={memberOf(form.all, 'testNetwork')}
      />
    </SettingsFormContainer>
  )
}
