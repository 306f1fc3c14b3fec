import Alert from '@cloudscape-design/components/alert'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useParams } from 'react-router'
import type { ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { ServerActions } from '../servers/server-actions.tsx'
import { Breadcrumbs } from '../shell/breadcrumbs.tsx'
import { ServerTabs } from './server-tabs.tsx'

const LIST = { text: 'Source servers', path: '/source-servers' }

/** All there is to know of one source server, and all that can be done to it. */
export function ServerPage() {
  const { sourceServerID = '' } = useParams()
  // Another server is another page: nothing of the one before is shown meanwhile.
  return <OneServer key={sourceServerID} sourceServerID={sourceServerID} />
}

function OneServer({ sourceServerID }: { readonly sourceServerID: string }) {
  const { data, error } = usePolled<SourceServer>('landfall:GetSourceServer', { sourceServerID })
  const isGone = error?.status === 404
  const server = isGone ? undefined : data
  const name = server === undefined ? sourceServerID : serverName(server)
  return (
    <ContentLayout
      breadcrumbs={<Breadcrumbs list={LIST} page={name} />}
      header={
        <Header
          variant="h1"
          {...(server && {
            description: sourceServerID,
            actions: <ServerActions servers={[server]} />,
          })}
        >
          {name}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error && <Failure error={error} sourceServerID={sourceServerID} />}
        {server && <ServerTabs server={server} />}
        {!server && !error && <Spinner size="large" />}
      </SpaceBetween>
    </ContentLayout>
  )
}

function Failure({ error, sourceServerID }: { error: ApiError; sourceServerID: string }) {
  if (error.status !== 404) return <Alert type="error">{error.message}</Alert>
  return (
    <Alert type="warning" header={`There is no source server ${sourceServerID}`}>
      It may have been deleted, or its address is not whole. The list of source servers has all that
      there are.
    </Alert>
  )
}
