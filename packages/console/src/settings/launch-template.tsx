import SpaceBetween from '@cloudscape-design/components/space-between'
import { type GeneralSettings, GeneralForm } from './launch/general-form.tsx'
import { NetworkForm } from './launch/network-form.tsx'
import { type VolumeDefaults, VolumeDefaultsForm } from './launch/volume-defaults-form.tsx'
import { Loaded } from './loaded.tsx'
import { NoTemplate } from './no-template.tsx'
import { useNewestTemplate } from './use-newest-template.ts'

interface Template extends GeneralSettings, VolumeDefaults {
  readonly launchConfigurationTemplateID: string
}

/** What instances of servers that register from now on will be. */
export function LaunchTemplate() {
  const query = useNewestTemplate<Template>('mgn:DescribeLaunchConfigurationTemplates')
  return (
    <Loaded query={query} what="the launch template">
      {(template) => {
        if (template === null) return <NoTemplate />
        const { launchConfigurationTemplateID } = template
        return <Forms key={launchConfigurationTemplateID} template={template} />
      }}
    </Loaded>
  )
}

function Forms({ template }: { readonly template: Template }) {
  const { launchConfigurationTemplateID } = template
  const id = { launchConfigurationTemplateID }
  return (
    <SpaceBetween size="l">
      <GeneralForm
        settings={template}
        action="mgn:UpdateLaunchConfigurationTemplate"
        id={id}
        description="Servers that register from now on take these over."
      />
      <NetworkForm owner={{ kind: 'template', id }} />
      <VolumeDefaultsForm settings={template} id={id} />
    </SpaceBetween>
  )
}
