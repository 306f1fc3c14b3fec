import { MemoryProvider } from './memory-provider.ts'
import { providerContract } from './provider.contract.ts'

providerContract('memory', async () => ({
  provider: new MemoryProvider(),
  makeDisks: async (instanceID) => [
    { deviceName: '/dev/sda', path: `/disks/${instanceID}-0.qcow2` },
    { deviceName: '/dev/sdb', path: `/disks/${instanceID}-1.qcow2` },
  ],
}))
