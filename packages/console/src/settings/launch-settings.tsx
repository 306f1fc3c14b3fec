import Grid from '@cloudscape-design/components/grid'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { usePolled } from '../api/polling.ts'
import type { SourceServer } from '../api/source-server.ts'
import { type GeneralSettings, GeneralForm } from './launch/general-form.tsx'
import { LaunchPlanPanel } from './launch/launch-plan-panel.tsx'
import { NetworkForm } from './launch/network-form.tsx'
import { TemplateForm } from './launch/template-form.tsx'
import type { TemplateVersions } from './launch/template-version.ts'
import { Loaded } from './loaded.tsx'

interface ServerProps {
  readonly sourceServerID: string
}

interface Configuration extends GeneralSettings {
  readonly ec2LaunchTemplateID: string
}

/** What instances of one server will be, and beside it what that comes to. */
export function LaunchSettings({ sourceServerID }: ServerProps) {
  return (
    // Another server's forms are others.
    <Grid
      key={sourceServerID}
      gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}
    >
      <Forms sourceServerID={sourceServerID} />
      <SpaceBetween size="l">
        <LaunchPlanPanel sourceServerID={sourceServerID} purpose="TEST" />
        <LaunchPlanPanel sourceServerID={sourceServerID} purpose="CUTOVER" />
      </SpaceBetween>
    </Grid>
  )
}

function Forms({ sourceServerID }: ServerProps) {
  const id = { sourceServerID }
  const query = usePolled<Configuration>('mgn:GetLaunchConfiguration', id)
  return (
    <Loaded query={query} what="the launch settings">
      {(configuration) => (
        <SpaceBetween size="l">
          <GeneralForm
            settings={configuration}
            action="mgn:UpdateLaunchConfiguration"
            id={id}
            description="A change counts for later launches."
          />
          <NetworkForm owner={{ kind: 'server', id }} />
          <LaunchTemplate sourceServerID={sourceServerID} configuration={configuration} />
        </SpaceBetween>
      )}
    </Loaded>
  )
}

interface LaunchTemplateProps extends ServerProps {
  readonly configuration: Configuration
}

function LaunchTemplate({ sourceServerID, configuration }: LaunchTemplateProps) {
  const template = usePolled<TemplateVersions>('ec2:DescribeLaunchTemplateVersions', {
    LaunchTemplateId: configuration.ec2LaunchTemplateID,
    Versions: ['$Default'],
  })
  const server = usePolled<SourceServer>('landfall:GetSourceServer', { sourceServerID })
  return (
    <Loaded query={template} what="the launch template">
      {({ LaunchTemplateVersions: [version] }) => (
        <Loaded query={server} what="the disks of the server">
          {({ sourceProperties: { disks = [] } }) =>
            version !== undefined && (
              <TemplateForm
                version={version}
                deviceNames={disks.map(({ deviceName }) => deviceName)}
                isRightSized={configuration.targetInstanceTypeRightSizingMethod === 'BASIC'}
              />
            )
          }
        </Loaded>
      )}
    </Loaded>
  )
}
