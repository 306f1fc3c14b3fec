import Badge from '@cloudscape-design/components/badge'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Table from '@cloudscape-design/components/table'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type ApiError, call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { usePermission } from '../../session/session.ts'
import { useNotify } from '../../shell/notifications.tsx'
import { RefusableButton } from '../../shell/refusable-button.tsx'
import { Moment } from '../../time/moment.tsx'
import type { TemplateVersion, TemplateVersions } from './template-version.ts'

/** The versions of a launch template, the newest first; each can be made the default again. */
export function VersionHistory({ launchTemplateID }: { readonly launchTemplateID: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <ExpandableSection
      headerText="Versions"
      expanded={isOpen}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {isOpen && <Versions launchTemplateID={launchTemplateID} />}
    </ExpandableSection>
  )
}

function Versions({ launchTemplateID: LaunchTemplateId }: { readonly launchTemplateID: string }) {
  const action = 'ec2:DescribeLaunchTemplateVersions'
  const { data, isPending } = usePolled<TemplateVersions>(action, { LaunchTemplateId })
  return (
    <Table
      variant="embedded"
      loading={isPending}
      loadingText="Loading versions"
      ariaLabels={{ tableLabel: 'Versions of the launch template' }}
      items={data?.LaunchTemplateVersions ?? []}
      trackBy={({ VersionNumber }) => String(VersionNumber)}
      columnDefinitions={[
        {
          id: 'version',
          header: 'Version',
          isRowHeader: true,
          cell: ({ VersionNumber }) => VersionNumber,
        },
        { id: 'made', header: 'Made', cell: (version) => <Moment at={version.CreateTime} /> },
        { id: 'by', header: 'By', cell: ({ CreatedBy }) => CreatedBy.split('/').at(-1) },
        { id: 'default', header: 'Default', cell: (version) => <Default version={version} /> },
      ]}
    />
  )
}

function Default({ version }: { readonly version: TemplateVersion }) {
  const { LaunchTemplateId, VersionNumber, DefaultVersion } = version
  const action = 'ec2:ModifyLaunchTemplate'
  const queries = useQueryClient()
  const notify = useNotify()
  const refusal = usePermission()(action)
  const choose = useMutation<object, ApiError>({
    mutationFn: () => call(action, { LaunchTemplateId, DefaultVersion: String(VersionNumber) }),
    onSuccess: () =>
      notify({ type: 'success', header: `Version ${VersionNumber} is the default again.` }),
    onError: ({ message }) =>
      notify({ type: 'error', header: 'The default is as it was', content: message }),
    onSettled: () => queries.invalidateQueries(),
  })
  if (DefaultVersion) return <Badge color="green">Default</Badge>
  return (
    <RefusableButton
      formAction="none"
      variant="inline-link"
      ariaLabel={`Make the default: version ${VersionNumber}`}
      loading={choose.isPending}
      refusal={refusal}
      onClick={() => choose.mutate()}
    >
      Make the default
    </RefusableButton>
  )
}
