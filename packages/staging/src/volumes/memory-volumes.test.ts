import { newId } from '@landfall/model'
import { MemoryVolumeSet } from './memory-volumes.ts'
import { testVolumeSet } from './staging-volume.contract.ts'

const MIB = 1024 * 1024

testVolumeSet('in memory', async () => {
  return new MemoryVolumeSet(newId('sourceServer'), [
    { deviceName: '/dev/sda', sizeBytes: 8 * MIB },
    { deviceName: '/dev/sdb', sizeBytes: 4 * MIB + 4096 },
  ])
})
