import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Action } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { Loaded } from './loaded.tsx'
import { NewestTemplate } from './newest-template.tsx'
import type { Owner } from './owner.ts'
import { ActionsSection } from './post-launch/actions-section.tsx'
import { DeploymentForm, type PostLaunchActions } from './post-launch/deployment-form.tsx'
import { RunResults } from './post-launch/run-results.tsx'

interface ServerProps {
  readonly sourceServerID: string
}

interface Configuration {
  readonly postLaunchActions?: PostLaunchActions
}

/** What runs on the instances of one server after their launch, and what became of it. */
export function PostLaunchSettings({ sourceServerID }: ServerProps) {
  // Another server's forms are others.
  return <OfServer key={sourceServerID} sourceServerID={sourceServerID} />
}

function OfServer({ sourceServerID }: ServerProps) {
  const id = { sourceServerID }
  const query = usePolled<Configuration>('mgn:GetLaunchConfiguration', id)
  return (
    <SpaceBetween size="l">
      <Loaded query={query} what="the post-launch settings">
        {({ postLaunchActions = {} }) => (
          <Actions
            owner={{ kind: 'server', id }}
            settings={postLaunchActions}
            action="mgn:UpdateLaunchConfiguration"
          />
        )}
      </Loaded>
      <RunResults sourceServerID={sourceServerID} />
    </SpaceBetween>
  )
}

interface Template extends Configuration {
  readonly launchConfigurationTemplateID: string
}

/** What runs on instances of servers that register from now on. */
export function PostLaunchTemplate() {
  return (
    <NewestTemplate<Template>
      action="mgn:DescribeLaunchConfigurationTemplates"
      what="the post-launch template"
    >
      {({ launchConfigurationTemplateID, postLaunchActions = {} }) => (
        <Actions
          key={launchConfigurationTemplateID}
          owner={{ kind: 'template', id: { launchConfigurationTemplateID } }}
          settings={postLaunchActions}
          action="mgn:UpdateLaunchConfigurationTemplate"
        />
      )}
    </NewestTemplate>
  )
}

interface ActionsProps {
  readonly owner: Owner
  readonly settings: PostLaunchActions
  /** Changes the settings. */
  readonly action: Action
}

function Actions({ owner, settings, action }: ActionsProps) {
  const { ssmDocuments = [] } = settings
  return (
    <SpaceBetween size="l">
      <DeploymentForm settings={settings} action={action} id={owner.id} />
      <ActionsSection owner={owner} />
      {ssmDocuments.length > 0 && (
        <Box color="text-body-secondary">
          After them run those that the launch configuration itself names (ssmDocuments):{' '}
          {ssmDocuments.map(({ actionName }) => actionName).join(', ')}.
        </Box>
      )}
    </SpaceBetween>
  )
}
