import Button from '@cloudscape-design/components/button'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { POINT_POLICY_DEFAULT, type PointPolicy, pointsKeptBy } from '@landfall/model'
import { call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { memberOf } from '../../forms/bound.ts'
import { hasGap, isSame } from '../../forms/changes.ts'
import { DurationField } from '../../forms/duration-field.tsx'
import { SwitchField } from '../../forms/fields.tsx'
import { SettingsFormContainer } from '../../forms/settings-form.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { Loaded } from '../loaded.tsx'

interface PolicyView {
  readonly policy: PointPolicy
  readonly isDefault: boolean
}

interface ServerProps {
  readonly sourceServerID: string
}

/** When points of the server are made by schedule, and how long they are kept. */
export function PointsForm({ sourceServerID }: ServerProps) {
  const query = usePolled<PolicyView>('landfall:GetPointPolicy', { sourceServerID })
  return (
    <Loaded query={query} what="the point policy">
      {(view) => <PolicyForm sourceServerID={sourceServerID} {...view} />}
    </Loaded>
  )
}

function PolicyForm({ sourceServerID, policy, isDefault }: ServerProps & PolicyView) {
  const form = useSettingsForm<PointPolicy>({
    saved: policy,
    // The default stays the default, also as it may be later.
    save: (changes, value) =>
      call('landfall:UpdatePointPolicy', {
        sourceServerID,
        policy: isSame(value, POINT_POLICY_DEFAULT) ? null : changes,
      }),
    notice: 'The point policy is saved.',
    refusal: usePermission()('landfall:UpdatePointPolicy'),
  })
  const { all } = form
  return (
    <SettingsFormContainer
      header="Points in time"
      description={
        `Moments of the server that a launch can begin from. This is ` +
        `${isDefault ? 'the default' : 'a policy of its own'}; a change counts from now on.`
      }
      form={form}
      actions={
        <Button formAction="none" onClick={() => all.set(POINT_POLICY_DEFAULT)}>
          Fill in the default
        </Button>
      }
    >
      <SwitchField
        label="Make and delete points by schedule"
        description="Without it points are made and deleted only on request, and by launches."
        of={memberOf(all, 'enabled')}
      />
      {all.value.enabled && <Times of={all} />}
    </SettingsFormContainer>
  )
}

function Times({ of }: { readonly of: ReturnType<typeof useSettingsForm<PointPolicy>>['all'] }) {
  return (
    <SpaceBetween size="l">
      <DurationField label="Make a point every" of={memberOf(of, 'everyMinutes')} />
      <DurationField label="Keep each for" of={memberOf(of, 'keepEveryForMinutes')} />
      <DurationField
        label="Keep the first of each hour for"
        description="Hours and days are those of UTC; age is counted from the newest point."
        of={memberOf(of, 'hourlyForMinutes')}
      />
      <DurationField label="Keep the first of each day for" of={memberOf(of, 'dailyForMinutes')} />
      {!hasGap(of.value) && of.value.everyMinutes > 0 && (
        <Box color="text-body-secondary">
          That is about {pointsKeptBy(of.value)} points at a time, once the longest time has passed.
          Points made on request or for a launch are kept like the others, but at least 24 hours.
        </Box>
      )}
    </SpaceBetween>
  )
}
