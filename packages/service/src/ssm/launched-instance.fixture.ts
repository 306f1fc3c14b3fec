import { instanceToken } from '../instances/tokens.ts'
import { PlayedInstance } from '../played/played-instance.fixture.ts'
import type { TestService } from '../test-service.ts'

/** An instance that the service has launched, and the agent in it as far as it talks. */
export class LaunchedInstance extends PlayedInstance {
  readonly sourceServerID: string

  private constructor(service: TestService, sourceServerID: string, instanceID: string) {
    const token = instanceToken(service.dependencies.instances.tokenKey, instanceID)
    super(service, { instanceID, token, hostname: 'web01' })
    this.sourceServerID = sourceServerID
  }

  static async launch(
    service: TestService,
    launchDisposition: 'STARTED' | 'STOPPED' = 'STARTED',
  ): Promise<LaunchedInstance> {
    const sourceServerID = await service.readyServer()
    await service.call('UpdateLaunchConfiguration', { sourceServerID, launchDisposition })
    await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
    await service.runJobs()
    return await LaunchedInstance.of(service, sourceServerID)
  }

  /** The one that was launched of the server last. */
  static async of(service: TestService, sourceServerID: string): Promise<LaunchedInstance> {
    const { launchedInstance } = await service.server(sourceServerID)
    return new LaunchedInstance(service, sourceServerID, launchedInstance?.ec2InstanceID ?? '')
  }
}
