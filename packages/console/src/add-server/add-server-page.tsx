import Alert from '@cloudscape-design/components/alert'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { usePolled } from '../api/polling.ts'
import { tagsMap } from '../forms/tags-field.tsx'
import { Readable } from '../session/readable.tsx'
import { useSession } from '../session/session.ts'
import type { NewKey } from '../users/identity.ts'
import { type AgentInstallation, devicesIn, installSteps, problemOf } from './commands.ts'
import { CommandBlocks } from './command-blocks.tsx'
import { CredentialsForm } from './credentials-form.tsx'
import { type Options, OptionsForm } from './options-form.tsx'
import { RegisteredServers } from './registered-servers.tsx'

const TITLE = 'Add server'

/** The commands that make a machine a source server, and those that have become one meanwhile. */
export function AddServerPage() {
  return (
    <Readable title={TITLE} action="landfall:GetAgentInstallation">
      <AddServer />
    </Readable>
  )
}

function AddServer() {
  const { data, error, isPending } = usePolled<AgentInstallation>(
    'landfall:GetAgentInstallation',
    {},
    { pollMs: false },
  )
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Install the replication agent on a running Linux server: it is replicated as it is, without a reboot."
        >
          {TITLE}
        </Header>
      }
    >
      {isPending && <Spinner size="large" />}
      {error && <Alert type="error">{error.message}</Alert>}
      {data !== undefined && <InstallForm installation={data} />}
    </ContentLayout>
  )
}

function InstallForm({ installation }: { readonly installation: AgentInstallation }) {
  const { session } = useSession()
  const [options, setOptions] = useState<Options>({
    endpoint: installation.endpoints[0] ?? '',
    downloader: 'wget',
    devices: '',
    tags: [],
    userProvidedID: '',
    noPrompt: false,
  })
  const [key, setKey] = useState<NewKey>()
  const read = {
    devices: devicesIn(options.devices),
    tags: tagsMap(options.tags),
    userProvidedID: options.userProvidedID.trim(),
  }
  const steps = installSteps(installation, {
    ...options,
    ...read,
    region: session.region,
    ...(key !== undefined && { credentials: key }),
  })
  return (
    <SpaceBetween size="l">
      <OptionsForm
        options={options}
        endpoints={installation.endpoints}
        onChange={(change) => setOptions({ ...options, ...change })}
      />
      <CredentialsForm onKey={setKey} />
      <CommandBlocks
        steps={steps}
        caCertificatePem={installation.caCertificatePem}
        problem={problemOf(read)}
      />
      <RegisteredServers userProvidedID={read.userProvidedID} />
    </SpaceBetween>
  )
}
