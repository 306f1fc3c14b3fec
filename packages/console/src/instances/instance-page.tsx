import Alert from '@cloudscape-design/components/alert'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import type { InstanceDetails } from '@landfall/model'
import { useParams } from 'react-router'
import type { ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { Breadcrumbs } from '../shell/breadcrumbs.tsx'
import { useUrlParam } from '../shell/url-parameters.ts'
import { ConsoleOutput } from './console-output.tsx'
import { DisksTab } from './disks-tab.tsx'
import { ImagesTab } from './images-tab.tsx'
import { InstanceActions } from './instance-actions.tsx'
import { InstanceSummary } from './instance-summary.tsx'
import { ScreenTab } from './screen-tab.tsx'

const LIST = { text: 'Instances', path: '/instances' }

/** One launched instance: how it is, what it shows, and its power. */
export function InstancePage() {
  const { instanceID = '' } = useParams()
  const { data, error } = usePolled<InstanceDetails>('landfall:DescribeInstance', { instanceID })
  const instance = data?.instanceID === instanceID ? data : undefined
  return (
    <ContentLayout
      breadcrumbs={<Breadcrumbs list={LIST} page={instanceID} />}
      header={
        <Header variant="h1" actions={instance && <InstanceActions instances={[instance]} />}>
          Instance {instanceID}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error && <Failure error={error} instanceID={instanceID} />}
        {instance && <InstanceSummary instance={instance} />}
        {instance && <InstanceTabs key={instanceID} instance={instance} />}
        {!instance && !error && <Spinner size="large" />}
      </SpaceBetween>
    </ContentLayout>
  )
}

function InstanceTabs({ instance }: { readonly instance: InstanceDetails }) {
  const [tab, setTab] = useUrlParam('tab')
  return (
    <Tabs
      activeTabId={tab ?? 'screen'}
      onChange={({ detail }) => setTab(detail.activeTabId)}
      ariaLabel="What the instance shows"
      tabs={[
        { id: 'screen', label: 'Screen', content: <ScreenTab instance={instance} /> },
        { id: 'output', label: 'Console output', content: <ConsoleOutput instance={instance} /> },
        { id: 'disks', label: 'Disks', content: <DisksTab instance={instance} /> },
        { id: 'images', label: 'Images', content: <ImagesTab instance={instance} /> },
      ]}
    />
  )
}

function Failure({ error, instanceID }: { readonly error: ApiError; readonly instanceID: string }) {
  if (error.status !== 404) return <Alert type="error">{error.message}</Alert>
  return (
    <Alert type="warning" header={`There is no instance ${instanceID}`}>
      Its address may not be whole. The list of instances has all that there are.
    </Alert>
  )
}
