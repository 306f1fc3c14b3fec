import Alert from '@cloudscape-design/components/alert'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import {
  type InterfacePlan,
  interfaceSettingsText,
  type LaunchPurpose,
  type NetworkPlan,
  targetNetworkText,
} from '@landfall/model'
import { usePolled } from '../api/polling.ts'
import type { SourceServer } from '../api/source-server.ts'
import type { TabProps } from './server-tabs.tsx'

/** Plans change with the launch settings, which somebody edits. */
const POLL_MS = 5000

const INSTANCES = { TEST: 'Test instance', CUTOVER: 'Cutover instance' } as const

interface NetworkSettings {
  readonly testNetwork: 'ISOLATED' | 'LIKE_CUTOVER'
  readonly isDefault: boolean
}

/** What becomes of the network interfaces when the server is launched. */
export function NetworkTab({ server }: TabProps) {
  const { sourceServerID } = server
  const { data: settings, error } = usePolled<NetworkSettings>(
    'landfall:GetNetworkSettings',
    { sourceServerID },
    { pollMs: POLL_MS },
  )
  return (
    <SpaceBetween size="l">
      {error && <Alert type="error">{error.message}</Alert>}
      {settings && (
        <Alert type="info">
          {settings.testNetwork === 'ISOLATED'
            ? 'Test instances are isolated: they get an address and meet nobody. '
            : 'Test instances are where the cutover instance will be, while the source runs. '}
          {settings.isDefault ? 'This is the default. ' : 'This was chosen for this server. '}
          The subnet of the launch template and “copy private IP” of the launch settings say the
          rest.
        </Alert>
      )}
      <Plan server={server} purpose="TEST" />
      <Plan server={server} purpose="CUTOVER" />
    </SpaceBetween>
  )
}

interface PlanProps {
  readonly server: SourceServer
  readonly purpose: LaunchPurpose
}

function Plan({ server: { sourceServerID }, purpose }: PlanProps) {
  const { data, error, isPending } = usePolled<NetworkPlan>(
    'landfall:DescribeNetworkPlan',
    { sourceServerID, purpose },
    { pollMs: POLL_MS },
  )
  const plan = error ? undefined : data
  return (
    <Table
      variant="container"
      wrapLines
      items={[...(plan?.interfaces ?? [])]}
      trackBy="sourceMacAddress"
      loading={isPending}
      loadingText="Loading the plan"
      ariaLabels={{ tableLabel: `Network of the ${INSTANCES[purpose].toLowerCase()}` }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            {...(plan && { description: `In the network ${targetNetworkText(plan.network)}` })}
          >
            {INSTANCES[purpose]}
          </Header>
          {error && (
            <Alert type="error" header="It cannot be launched so">
              {error.message}
            </Alert>
          )}
        </SpaceBetween>
      }
      empty="The source has no network interface that is known."
      columnDefinitions={[
        { id: 'name', header: 'Interface', isRowHeader: true, cell: ({ name }) => name },
        { id: 'mac', header: 'MAC on the source', cell: (one) => one.sourceMacAddress },
        {
          id: 'addresses',
          header: 'Addresses on the source',
          cell: ({ sourceAddresses }) => sourceAddresses.join(', ') || '–',
        },
        { id: 'target', header: 'On the instance', cell: targetText },
      ]}
    />
  )
}

/** What the instance has in the place of an interface of the source. */
function targetText(plan: InterfacePlan): string {
  switch (plan.target) {
    case 'DHCP':
      return 'An address by DHCP'
    case 'NOT_ATTACHED':
      return 'Not attached'
    case 'STATIC':
      return interfaceSettingsText(plan.settings)
  }
}
