import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import Toggle from '@cloudscape-design/components/toggle'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ApiError, call } from '../../api/call.ts'
import { usePermission } from '../../session/session.ts'
import { useNotify } from '../../shell/notifications.tsx'
import { RefusableButton } from '../../shell/refusable-button.tsx'
import { formatSeconds } from '../../time/duration.ts'
import { actionFor, type Owner, PUT_ACTIONS, REMOVE_ACTIONS } from '../owner.ts'
import { isPredefined, type PostLaunchAction } from './action.ts'

interface ActionsTableProps {
  readonly owner: Owner
  readonly actions: readonly PostLaunchAction[]
  readonly onAddPredefined: () => void
  readonly onPutOwn: () => void
  readonly onEdit: (action: PostLaunchAction) => void
  readonly onRemove: (action: PostLaunchAction) => void
}

export function ActionsTable(props: ActionsTableProps) {
  const { owner, actions, onAddPredefined, onPutOwn } = props
  const permission = usePermission()
  const refusals = {
    add: permission('landfall:AddPredefinedAction'),
    put: permission(actionFor(owner, PUT_ACTIONS)),
    remove: permission(actionFor(owner, REMOVE_ACTIONS)),
  }
  return (
    <Table
      items={actions}
      trackBy="actionID"
      wrapLines
      ariaLabels={{ tableLabel: 'Post-launch actions' }}
      header={
        <Header
          variant="h2"
          counter={`(${actions.length})`}
          description="They run one after the other, in their order."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <OfferedButton text="Add own action" refusal={refusals.put} onClick={onPutOwn} />
              <OfferedButton
                text="Add predefined action"
                refusal={refusals.add}
                onClick={onAddPredefined}
              />
            </SpaceBetween>
          }
        >
          Actions
        </Header>
      }
      empty={
        <Box textAlign="center" color="inherit" padding="m">
          No actions. Add a predefined one, such as a check that the file systems are mounted.
        </Box>
      }
      columnDefinitions={columnsFor(props, refusals)}
    />
  )
}

interface Refusals {
  readonly add: string | undefined
  readonly put: string | undefined
  readonly remove: string | undefined
}

function columnsFor(
  { owner, onEdit, onRemove }: ActionsTableProps,
  refusals: Refusals,
): TableProps.ColumnDefinition<PostLaunchAction>[] {
  return [
    { id: 'order', header: 'Order', cell: ({ order }) => order },
    {
      id: 'name',
      header: 'Action',
      isRowHeader: true,
      cell: ({ actionName, documentIdentifier }) => (
        <>
          {actionName}
          <Box variant="small" display="block">
            {documentIdentifier}
          </Box>
        </>
      ),
    },
    {
      id: 'active',
      header: 'Active',
      cell: (action) => <Switch owner={owner} action={action} member="active" />,
    },
    {
      id: 'must',
      header: 'Must succeed for the cutover',
      cell: (action) => <Switch owner={owner} action={action} member="mustSucceedForCutover" />,
    },
    {
      id: 'timeout',
      header: 'May take',
      cell: ({ timeoutSeconds }) => formatSeconds(timeoutSeconds),
    },
    {
      id: 'edit',
      header: 'Change',
      cell: (action) => (
        <SpaceBetween direction="horizontal" size="xs">
          <OfferedButton
            text="Edit"
            of={action}
            refusal={isPredefined(action) ? refusals.add : refusals.put}
            onClick={() => onEdit(action)}
          />
          <OfferedButton
            text="Remove"
            of={action}
            refusal={refusals.remove}
            onClick={() => onRemove(action)}
          />
        </SpaceBetween>
      ),
    },
  ]
}

interface OfferedButtonProps {
  readonly text: string
  readonly of?: PostLaunchAction
  readonly refusal: string | undefined
  readonly onClick: () => void
}

function OfferedButton({ text, of, refusal, onClick }: OfferedButtonProps) {
  return (
    <RefusableButton
      variant={of === undefined ? 'normal' : 'inline-link'}
      {...(of && { ariaLabel: `${text} ${of.actionName}` })}
      refusal={refusal}
      onClick={onClick}
    >
      {text}
    </RefusableButton>
  )
}

const SWITCHES = {
  active: 'Active',
  mustSucceedForCutover: 'Must succeed for the cutover',
} as const

interface SwitchProps {
  readonly owner: Owner
  readonly action: PostLaunchAction
  readonly member: keyof typeof SWITCHES
}

/** Changes one thing of an action at once. */
function Switch({ owner, action, member }: SwitchProps) {
  const queries = useQueryClient()
  const notify = useNotify()
  const refusal = usePermission()('landfall:UpdateAction')
  const { actionID, actionName } = action
  const change = useMutation<object, ApiError, boolean>({
    mutationFn: (on) => call('landfall:UpdateAction', { ...owner.id, actionID, [member]: on }),
    onError: ({ message }) =>
      notify({ type: 'error', header: `${actionName} stays as it was`, content: message }),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Toggle
      checked={change.isPending ? change.variables : action[member]}
      ariaLabel={`${SWITCHES[member]}: ${actionName}`}
      readOnly={refusal !== undefined}
      {...(refusal !== undefined && { nativeInputAttributes: { title: refusal } })}
      onChange={({ detail }) => change.mutate(detail.checked)}
    />
  )
}
