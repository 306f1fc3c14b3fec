import type { TestContext } from 'node:test'
import { MemoryProvider } from '@landfall/launch'
import type { Database } from '../database/database.ts'
import { TestService as Landfall } from '../test-service.ts'
import { startTestService } from '../http/test-service.ts'

/** More than the smallest page of subnets that EC2 gives. */
const NETWORKS = Array.from({ length: 5 }, (_, index) => ({
  name: `network ${index}`,
  subnetID: `subnet-0123456789abcdef${index}`,
  kind: 'user' as const,
}))

/** The service with all its operations over HTTPS, and what drives agents, staging and jobs. */
export async function startLandfall(t: TestContext) {
  const provider = new MemoryProvider()
  const landfalls: Landfall[] = []
  const operations = (db: Database) => {
    const one = new Landfall({ db, provider, networks: NETWORKS })
    landfalls.push(one)
    return one.operations
  }
  const service = await startTestService(t, operations, { initialized: true, provider })
  const [landfall] = landfalls
  if (landfall === undefined) throw new Error('The operations were not asked for')
  await landfall.call('InitializeService')
  return { service, landfall, provider }
}
