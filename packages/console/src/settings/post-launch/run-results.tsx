import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ActionRunsView } from '@landfall/model'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ApiError, call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { usePermission } from '../../session/session.ts'
import { useNotify } from '../../shell/notifications.tsx'
import { RefusableButton } from '../../shell/refusable-button.tsx'
import { Moment } from '../../time/moment.tsx'
import { Loaded } from '../loaded.tsx'
import { ActionRun } from './action-run.tsx'

const PURPOSES: Readonly<Record<ActionRunsView['purpose'], string>> = {
  TEST: 'test instance',
  CUTOVER: 'cutover instance',
  REHEARSAL: 'rehearsal',
}

interface ServerProps {
  readonly sourceServerID: string
}

/** What became of the actions on the instance that was launched last. */
export function RunResults({ sourceServerID }: ServerProps) {
  const query = usePolled<ActionRunsView>('landfall:ListActionRuns', { sourceServerID })
  const view = query.data
  const rerun = useRerun(sourceServerID)
  const failed = view?.runs.filter(({ state }) => state === 'FAILED') ?? []
  const refusal =
    rerun.refusal ?? (failed.length === 0 ? 'No action has failed on the instance.' : undefined)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            view && `On ${PURPOSES[view.purpose]} ${view.instanceID}, which was launched last.`
          }
          actions={
            <RefusableButton
              refusal={refusal}
              loading={rerun.isPending}
              onClick={() => rerun.run(undefined)}
            >
              Run failed ones again
            </RefusableButton>
          }
        >
          Results
        </Header>
      }
    >
      {view === undefined && query.error?.type === 'ConflictException' ? (
        <Box color="text-body-secondary">
          No instance was launched from this server. Results are here after a launch.
        </Box>
      ) : (
        <Loaded query={query} what="the results of the actions">
          {(shown) => <Runs view={shown} rerun={rerun} />}
        </Loaded>
      )}
    </Container>
  )
}

type Rerun = ReturnType<typeof useRerun>

function Runs({ view: { runs, agentRemovedAt }, rerun }: { view: ActionRunsView; rerun: Rerun }) {
  return (
    <SpaceBetween size="s">
      {agentRemovedAt !== undefined && (
        <Alert type="info">
          The agent removed itself from the instance at <Moment at={agentRemovedAt} />: nothing can
          be run there any more.
        </Alert>
      )}
      {runs.length === 0 && <Box>No action was to run on the instance.</Box>}
      {runs.map((run) => (
        <ActionRun
          key={run.actionID}
          run={run}
          refusal={rerun.refusal}
          onRerun={() => rerun.run([run.actionID])}
        />
      ))}
    </SpaceBetween>
  )
}

/** Runs actions again on the same instance, as they are now; without any, those that failed. */
function useRerun(sourceServerID: string) {
  const action = 'landfall:RerunActions'
  const queries = useQueryClient()
  const notify = useNotify()
  const refusal = usePermission()(action)
  const mutation = useMutation<object, ApiError, readonly string[] | undefined>({
    mutationFn: (actionIDs) => call(action, { sourceServerID, ...(actionIDs && { actionIDs }) }),
    onSuccess: () => notify({ type: 'info', header: 'The actions run again.' }),
    onError: ({ message }) =>
      notify({ type: 'error', header: 'Nothing is run again', content: message }),
    onSettled: () => queries.invalidateQueries(),
  })
  return { refusal, isPending: mutation.isPending, run: mutation.mutate }
}
