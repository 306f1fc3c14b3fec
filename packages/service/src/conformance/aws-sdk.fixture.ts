import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { TestContext } from 'node:test'
import { MgnClient } from '@aws-sdk/client-mgn'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startTestService } from '../http/test-service.ts'

/** A service with these operations, and the AWS SDK's client of MGN as its administrator. */
export async function startMgnClient(
  t: TestContext,
  operations: Parameters<typeof startTestService>[1],
) {
  const service = await startTestService(t, operations)
  const { accessKeyId, secretAccessKey } = service.administrator
  const client = new MgnClient({
    endpoint: service.url,
    region: 'lf-local-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      httpsAgent: new Agent({ ca: await readFile(service.caFile) }),
    }),
  })
  t.after(() => client.destroy())
  return { service, client }
}
