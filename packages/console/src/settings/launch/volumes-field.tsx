import Box from '@cloudscape-design/components/box'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Bound } from '../../forms/bound.ts'
import type { Volume, VolumeHints } from './launch-template.ts'
import { VolumeFields } from './volume-fields.tsx'
import { VOLUME_TYPES } from './volume-types.ts'

/** Hints for each disk: size and content are the source's. */
export function VolumesField({ of }: { readonly of: Bound<readonly Volume[]> }) {
  const { value: volumes, set, errors, isReadOnly } = of
  const boundAt = (index: number, value: Volume): Bound<VolumeHints> => ({
    value,
    set: (changed) =>
      set(volumes.map((volume, at) => (at === index ? { ...volume, ...changed } : volume))),
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
        <VolumeFields
          key={volume.deviceName}
          name={volume.deviceName}
          types={VOLUME_TYPES}
          of={boundAt(index, volume)}
        />
      ))}
    </SpaceBetween>
  )
}
