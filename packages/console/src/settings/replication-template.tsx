import { Loaded } from './loaded.tsx'
import { NoTemplate } from './no-template.tsx'
import { type ReplicationSettings, ThrottleForm } from './replication/throttle-form.tsx'
import { useNewestTemplate } from './use-newest-template.ts'

interface Template extends ReplicationSettings {
  readonly replicationConfigurationTemplateID: string
}

/** How servers that register from now on are replicated. */
export function ReplicationTemplate() {
  const query = useNewestTemplate<Template>('mgn:DescribeReplicationConfigurationTemplates')
  return (
    <Loaded query={query} what="the replication template">
      {(template) =>
        template === null ? <NoTemplate /> : <TemplateForm key={idOf(template)} {...template} />
      }
    </Loaded>
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
