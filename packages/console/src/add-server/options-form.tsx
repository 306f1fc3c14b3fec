import Checkbox from '@cloudscape-design/components/checkbox'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type Tag, TagsField } from '../forms/tags-field.tsx'

/** What is typed and chosen. */
export interface Options {
  readonly endpoint: string
  readonly downloader: 'wget' | 'curl'
  readonly devices: string
  readonly tags: readonly Tag[]
  readonly userProvidedID: string
  readonly noPrompt: boolean
}

interface OptionsFormProps {
  readonly options: Options
  readonly endpoints: readonly string[]
  readonly onChange: (change: Partial<Options>) => void
}

const DOWNLOADERS = [{ value: 'wget' }, { value: 'curl' }] as const

export function OptionsForm({ options, endpoints, onChange }: OptionsFormProps) {
  const { endpoint, downloader, devices, tags, userProvidedID, noPrompt } = options
  return (
    <Container header={<Header variant="h2">The server</Header>}>
      <SpaceBetween size="l">
        <ColumnLayout columns={2}>
          <FormField
            label="Address of the service"
            description="As the server reaches it: TCP 8443, and TCP 1500 for replication, unless the service was set up with others."
          >
            <Select
              selectedOption={{ value: endpoint }}
              options={endpoints.map((value) => ({ value }))}
              onChange={({ detail }) => onChange({ endpoint: detail.selectedOption.value ?? '' })}
            />
          </FormField>
          <FormField label="Download with" description="Whichever the server has.">
            <Select
              selectedOption={{ value: downloader }}
              options={DOWNLOADERS}
              onChange={({ detail }) =>
                onChange({ downloader: detail.selectedOption.value === 'curl' ? 'curl' : 'wget' })
              }
            />
          </FormField>
          <FormField
            label="Disks"
            description="Paths with commas between them; the disk of the system always is one. Empty: all disks."
          >
            <Input
              value={devices}
              placeholder="/dev/sdb, /dev/sdc"
              onChange={({ detail }) => onChange({ devices: detail.value })}
            />
          </FormField>
          <FormField
            label="Your own ID of the server"
            description="That of an imported server makes the agent its agent. It cannot be changed later."
          >
            <Input
              value={userProvidedID}
              onChange={({ detail }) => onChange({ userProvidedID: detail.value })}
            />
          </FormField>
        </ColumnLayout>
        <TagsField tags={tags} onChange={(changed) => onChange({ tags: changed })} />
        <Checkbox
          checked={noPrompt}
          description="For scripts: what is not given is taken as usual, and all disks unless some are named."
          onChange={({ detail }) => onChange({ noPrompt: detail.checked })}
        >
          Ask nothing (--no-prompt)
        </Checkbox>
      </SpaceBetween>
    </Container>
  )
}
