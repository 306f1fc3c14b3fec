import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TagEditor from '@cloudscape-design/components/tag-editor'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../api/call.ts'
import { serverName } from '../api/source-server.ts'
import { changeTags, type Tags } from '../api/tags.ts'
import { usePermission } from '../session/session.ts'
import { useNotify } from '../shell/notifications.tsx'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { type EditedTag, editedFrom, tagsFrom } from './edited-tags.ts'
import type { TabProps } from './server-tabs.tsx'

/** MGN's. */
const TAGS_MAX = 50

interface Edit {
  readonly tags: readonly EditedTag[]
  readonly valid: boolean
  /** As they were when the edit began: what others change meanwhile stays. */
  readonly before: Tags
}

/** The tags of a server, to be edited. */
export function TagsTab({ server }: TabProps) {
  const [edit, setEdit] = useState<Edit>()
  const queries = useQueryClient()
  const notify = useNotify()
  const permission = usePermission()
  const reason = permission('mgn:TagResource') ?? permission('mgn:UntagResource')
  const save = useMutation<void, ApiError, Edit>({
    mutationFn: ({ before, tags }) => changeTags(server.arn, before, tagsFrom(tags)),
    onSuccess: async () => {
      await queries.invalidateQueries()
      setEdit(undefined)
      notify({ type: 'success', header: `Tags saved: ${serverName(server)}` })
    },
  })
  const refusal = reason ?? (edit === undefined ? 'Nothing was changed.' : invalidReason(edit))
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" disabled={!edit} onClick={() => setEdit(undefined)}>
                Discard
              </Button>
              <RefusableButton
                variant="primary"
                loading={save.isPending}
                refusal={refusal}
                onClick={() => edit && save.mutate(edit)}
              >
                Save tags
              </RefusableButton>
            </SpaceBetween>
          }
        >
          Tags
        </Header>
      }
    >
      <SpaceBetween size="m">
        {save.error && <Alert type="error">{save.error.message}</Alert>}
        <TagEditor
          tags={edit?.tags ?? editedFrom(server.tags)}
          tagLimit={TAGS_MAX}
          onChange={({ detail }) => setEdit({ before: edit?.before ?? server.tags, ...detail })}
        />
      </SpaceBetween>
    </Container>
  )
}

function invalidReason({ valid }: Edit): string | undefined {
  return valid ? undefined : 'A tag is not as it may be; it says how.'
}
