import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { formatBytes } from '@landfall/model'
import type { SourceServer } from '../api/source-server.ts'
import { Copied } from '../shell/copied.tsx'
import { Moment } from '../time/moment.tsx'
import type { TabProps } from './server-tabs.tsx'

/** What kind of machine the source server is. */
export function InfoTab({ server }: TabProps) {
  const { sourceProperties: properties } = server
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={
              <>
                As the agent saw it <Moment at={properties.lastUpdatedDateTime} />
              </>
            }
          >
            Server
          </Header>
        }
      >
        <KeyValuePairs columns={3} items={[...identity(server), ...hardware(server)]} />
      </Container>
      <Table
        variant="container"
        items={[...(properties.networkInterfaces ?? [])]}
        trackBy="macAddress"
        ariaLabels={{ tableLabel: 'Network interfaces' }}
        header={<Header variant="h2">Network interfaces</Header>}
        empty="Not known before an agent is installed."
        columnDefinitions={[
          { id: 'mac', header: 'MAC address', isRowHeader: true, cell: (one) => one.macAddress },
          { id: 'ips', header: 'IP addresses', cell: ({ ips }) => ips.join(', ') || '–' },
          { id: 'primary', header: 'Primary', cell: (one) => (one.isPrimary ? 'Yes' : 'No') },
        ]}
      />
    </SpaceBetween>
  )
}

function identity(server: SourceServer) {
  const { lifeCycle, sourceProperties } = server
  const { hostname, fqdn, vmWareUuid } = sourceProperties.identificationHints
  return [
    { label: 'Host name', value: hostname || '–' },
    { label: 'Fully qualified domain name', value: fqdn || '–' },
    { label: 'Server ID', value: <Copied text={server.sourceServerID} /> },
    { label: 'ARN', value: <Copied text={server.arn} /> },
    { label: 'ID given by the user', value: server.userProvidedID ?? '–' },
    { label: 'Name for actions', value: server.fqdnForActionFramework || '–' },
    { label: 'VMware UUID', value: vmWareUuid ?? '–' },
    { label: 'Application', value: server.applicationName ?? '–' },
    { label: 'Wave', value: server.waveName ?? '–' },
    { label: 'Added', value: <Moment at={lifeCycle.addedToServiceDateTime} /> },
    { label: 'Agent last seen', value: <Moment at={lifeCycle.lastSeenByServiceDateTime} /> },
  ]
}

function hardware({ sourceProperties, launchedInstance }: SourceServer) {
  const { os, cpus = [], ramBytes, recommendedInstanceType } = sourceProperties
  return [
    { label: 'Operating system', value: os?.fullString ?? '–' },
    {
      label: 'Processors',
      value: cpus.map(({ cores, modelName }) => `${cores} × ${modelName}`).join(', ') || '–',
    },
    { label: 'Memory', value: ramBytes === undefined ? '–' : formatBytes(ramBytes) },
    { label: 'Instance type that fits', value: recommendedInstanceType ?? '–' },
    {
      label: 'Launched instance',
      value: launchedInstance
        ? `${launchedInstance.ec2InstanceID}, first boot ${launchedInstance.firstBoot}`
        : 'None',
    },
  ]
}
