import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import SpaceBetween from '@cloudscape-design/components/space-between'

import { type Bound, memberOf } from '../../forms/bound.ts'
import { OptionalNumberField, SelectField } from '../../forms/fields.tsx'
import type { Volume } from './launch-template.ts'
import { VOLUME_TYPES } from './volume-types.ts'

/** Hints for each disk: size and content are the source's. */
export function VolumesField({ of }: { readonly of: Bound<readonly Volume[]> }) {
  const { value: volumes, set, errors, isReadOnly } = of
  const boundAt = (index: number, value: Volume): Bound<Volume> => ({
    value,
    set: (changed) => set(volumes.map((volume, at) => (at === index ? changed : volume))),
    errors,
    isReadOnly,
  })
  return (
    <SpaceBetween size="m">
      <Box variant="h3">Disks</Box>
      {volumes.length === 0 && (
        <Box color="text-body-secondary">
          No disk is known yet: they are here once an agent has looked at the server.
        </Box>
      )}
      {volumes.map((volume, index) => (
        <VolumeFields key={volume.deviceName} of={boundAt(index, volume)} />
      ))}
    </SpaceBetween>
  )
}

function VolumeFields({ of }: { readonly of: Bound<Volume> }) {
  const { deviceName } = of.value
  return (
    <ColumnLayout columns={3} minColumnWidth={150}>
      <SelectField
        label={`${deviceName}: volume type`}
        options={VOLUME_TYPES}
        of={memberOf(of, 'volumeType')}
      />
      <OptionalNumberField
        label={`${deviceName}: operations a second`}
        placeholder="No limit"
        of={memberOf(of, 'iops')}
      />
      <OptionalNumberField
        label={`${deviceName}: MiB a second`}
        placeholder="No limit"
        of={memberOf(of, 'throughput')}
      />
    </ColumnLayout>
  )
}
