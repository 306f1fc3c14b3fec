import ExpandableSection from '@cloudscape-design/components/expandable-section'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'

interface BucketFieldProps {
  readonly bucket: string
  readonly onChange: (bucket: string) => void
}

/** For those whose buckets are an S3-compatible store's, where a bucket has to be there first. */
export function BucketField({ bucket, onChange }: BucketFieldProps) {
  return (
    <ExpandableSection headerText="Where the file is kept">
      <FormField
        label="Bucket"
        description="A folder of the service’s data directory, or a bucket of the store that is set in the settings: there it has to exist."
      >
        <Input value={bucket} onChange={({ detail }) => onChange(detail.value.trim())} />
      </FormField>
    </ExpandableSection>
  )
}
