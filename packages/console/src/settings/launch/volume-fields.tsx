import ColumnLayout from '@cloudscape-design/components/column-layout'
import { type Bound, memberOf } from '../../forms/bound.ts'
import { OptionalNumberField, SelectField } from '../../forms/fields.tsx'
import type { VolumeHints } from './launch-template.ts'
import type { VOLUME_TYPES } from './volume-types.ts'

interface VolumeFieldsProps {
  /** What the labels begin with. */
  readonly name: string
  /** Those to choose from. */
  readonly types: readonly (typeof VOLUME_TYPES)[number][]
  readonly of: Bound<VolumeHints>
}

/** What one volume, or each of a kind, should be on. */
export function VolumeFields({ name, types, of }: VolumeFieldsProps) {
  return (
    <ColumnLayout columns={3} minColumnWidth={150}>
      <SelectField label={`${name}: volume type`} options={types} of={memberOf(of, 'volumeType')} />
      <OptionalNumberField
        label={`${name}: operations a second`}
        placeholder="No limit"
        of={memberOf(of, 'iops')}
      />
      <OptionalNumberField
        label={`${name}: MiB a second`}
        placeholder="No limit"
        of={memberOf(of, 'throughput')}
      />
    </ColumnLayout>
  )
}
