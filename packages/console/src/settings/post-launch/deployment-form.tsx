import { type Action, call } from '../../api/call.ts'
import { memberOf } from '../../forms/bound.ts'
import { type Choice, ChoiceField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'

type Deployment = 'TEST_AND_CUTOVER' | 'TEST_ONLY' | 'CUTOVER_ONLY'

/** Of MGN's launch configuration or its template; other members stay as they are. */
export interface PostLaunchActions {
  /** Absent: actions are off, unless the configuration has documents of its own. */
  readonly deployment?: Deployment
  readonly ssmDocuments?: readonly { readonly actionName: string }[]
}

const OFF = 'OFF'

const DEPLOYMENTS: readonly Choice<Deployment | typeof OFF>[] = [
  { value: 'TEST_AND_CUTOVER', label: 'After test and cutover launches' },
  { value: 'TEST_ONLY', label: 'After test launches' },
  { value: 'CUTOVER_ONLY', label: 'After cutover launches' },
  { value: OFF, label: 'Never', description: 'The actions are kept, and none is run.' },
]

interface DeploymentFormProps {
  readonly settings: PostLaunchActions
  readonly action: Action
  /** Names whose settings they are. */
  readonly id: object
}

/** After which launches the actions run. */
export function DeploymentForm({ settings, action, id }: DeploymentFormProps) {
  const { deployment: before, ...rest } = settings
  const hasDocuments = (rest.ssmDocuments ?? []).length > 0
  const form = useSettingsForm<{ readonly deployment: Deployment | typeof OFF }>({
    saved: { deployment: before ?? (hasDocuments ? 'TEST_AND_CUTOVER' : OFF) },
    save: (_, { deployment }) =>
      call(action, {
        ...id,
        postLaunchActions: { ...rest, ...(deployment !== OFF && { deployment }) },
      }),
    notice: 'It is saved when actions run.',
    refusal: usePermission()(action),
  })
  return (
    <SettingsFormContainer
      header="When actions run"
      description="Counts for later launches. What was planned for an instance stays as it is."
      form={form}
    >
      <ChoiceField
        label="Actions run"
        // Documents of the configuration itself run after every launch without a deployment.
        choices={hasDocuments ? DEPLOYMENTS.filter(({ value }) => value !== OFF) : DEPLOYMENTS}
        of={memberOf(form.all, 'deployment')}
      />
    </SettingsFormContainer>
  )
}
