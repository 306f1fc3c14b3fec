import { NewestTemplate } from './newest-template.tsx'
import { type ReplicationSettings, ThrottleForm } from './replication/throttle-form.tsx'

interface Template extends ReplicationSettings {
  readonly replicationConfigurationTemplateID: string
}

/** How servers that register from now on are replicated. */
export function ReplicationTemplate() {
  return (
    <NewestTemplate<Template>
      action="mgn:DescribeReplicationConfigurationTemplates"
      what="the replication template"
    >
      {(template) => <TemplateForm key={idOf(template)} {...template} />}
    </NewestTemplate>
  )
}

const idOf = ({ replicationConfigurationTemplateID: id }: Template) => id

function TemplateForm(template: Template) {
  return (
    <ThrottleForm
      settings={template}
      action="mgn:UpdateReplicationConfigurationTemplate"
      id={{ replicationConfigurationTemplateID: idOf(template) }}
      description={
        'Servers that register from now on take these over. Their points are made by the default ' +
        'policy, and their replicas compared at the default rate, until one is given its own.'
      }
    />
  )
}
