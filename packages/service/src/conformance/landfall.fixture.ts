import type { TestContext } from 'node:test'
import { MemoryProvider } from '@landfall/launch'
import { TestService as Landfall } from '../test-service.ts'
import { startTestService } from '../http/test-service.ts'

/** The service with all its operations over HTTPS, and what drives agents, staging and jobs. */
export async function startLandfall(t: TestContext) {
  const provider = new MemoryProvider()
  const landfalls: Landfall[] = []
  const service = await startTestService(t, (db) => {
    const one = new Landfall({ db, provider })
    landfalls.push(one)
    return one.operations
  })
  const [landfall] = landfalls
  if (landfall === undefined) throw new Error('The operations were not asked for')
  await landfall.call('InitializeService')
  return { service, landfall, provider }
}
