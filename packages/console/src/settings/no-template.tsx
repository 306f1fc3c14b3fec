import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ApiError, call } from '../api/call.ts'
import { usePermission } from '../session/session.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'

const ACTION = 'mgn:InitializeService'

/** What is shown where there is no template: no server can register without. */
export function NoTemplate() {
  const queries = useQueryClient()
  const refusal = usePermission()(ACTION)
  const make = useMutation<object, ApiError>({
    mutationFn: () => call(ACTION),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Box textAlign="center" padding="l">
      <SpaceBetween size="m">
        <Box>There is no template. Servers can register once there is one.</Box>
        {make.error && <Alert type="error">{make.error.message}</Alert>}
        <RefusableButton loading={make.isPending} refusal={refusal} onClick={() => make.mutate()}>
          Make the templates with the defaults
        </RefusableButton>
      </SpaceBetween>
    </Box>
  )
}
