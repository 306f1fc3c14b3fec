import SpaceBetween from '@cloudscape-design/components/space-between'
import { type GeneralSettings, GeneralForm } from './launch/general-form.tsx'
import { NetworkForm } from './launch/network-form.tsx'
import { type VolumeDefaults, VolumeDefaultsForm } from './launch/volume-defaults-form.tsx'
import { NewestTemplate } from './newest-template.tsx'

interface Template extends GeneralSettings, VolumeDefaults {
  readonly launchConfigurationTemplateID: string
}

/** What instances of servers that register from now on will be. */
export function LaunchTemplate() {
  return (
    <NewestTemplate<Template>
      action="mgn:DescribeLaunchConfigurationTemplates"
      what="the launch template"
    >
      {(template) => <Forms key={template.launchConfigurationTemplateID} template={template} />}
    </NewestTemplate>
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
