import { test, type TestContext } from 'node:test'
import { AwsCliClient } from './aws-cli-client.fixture.ts'
import { startLandfall } from './landfall.fixture.ts'
import { tellLifecycle } from './lifecycle-story.fixture.ts'
import { SdkClient } from './sdk-client.fixture.ts'
import type { ServiceClient } from './service-client.fixture.ts'
import type { TestService } from '../http/test-service.ts'
import { WireClient } from './wire-client.fixture.ts'

/** Two that nobody here wrote, and signed HTTPS as somebody would write it who has neither. */
const CLIENTS: Readonly<
  Record<string, (t: TestContext, service: TestService) => ServiceClient | Promise<ServiceClient>>
> = {
  'the AWS CLI': (_t, service) => new AwsCliClient(service, service.administrator),
  'the AWS SDK': (t, service) => SdkClient.of(t, service),
  'signed HTTPS': (_t, service) => new WireClient(service, service.administrator),
}

for (const [name, clientOf] of Object.entries(CLIENTS)) {
  test(`${name} takes a server from the installer's key to the archive`, async (t) => {
    const { service, landfall } = await startLandfall(t)
    const client = await clientOf(t, service)
    await tellLifecycle(t, { client, landfall })
  })
}
