import type { TestContext } from 'node:test'
import type { Provider } from '@landfall/launch'
import type { ActionRunsView, InstanceCommand, StepStatus } from '@landfall/model'
import { addDocumentVersion, findDocument, insertDocument } from '../ssm/documents.ts'
import { LaunchedInstance } from '../ssm/launched-instance.fixture.ts'
import { createTestService, type TestService } from '../test-service.ts'
import { ActionWatch } from './action-watch.ts'

export interface PostLaunchStatus {
  readonly ssmAgentDiscoveryDatetime?: string
  readonly postLaunchActionsLaunchStatusList: readonly {
    readonly ssmDocument: { readonly actionName: string }
    readonly ssmDocumentType: string
    readonly executionID?: string
    readonly executionStatus: string
    readonly failureReason?: string
  }[]
}

/** A server that is ready, its actions, and the agent of whatever is launched of it. */
export class ActionStory {
  readonly service: TestService
  readonly sourceServerID: string
  #order = 1001

  private constructor(service: TestService, sourceServerID: string) {
    this.service = service
    this.sourceServerID = sourceServerID
  }

  static async begin(t: TestContext, provider?: Provider): Promise<ActionStory> {
    const service = await createTestService(t, provider && { provider })
    return new ActionStory(service, await service.readyServer())
  }

  /** A document of one script, with one parameter; a further version where there is one already. */
  async document(name: string, script = `${name} {{ Value }}`): Promise<void> {
    const step = { action: 'aws:runShellScript', name: 'only', inputs: { runCommand: [script] } }
    const parameters = { Value: { type: 'String', default: '-' } }
    const content = JSON.stringify({ schemaVersion: '2.2', parameters, mainSteps: [step] })
    const version = { content, now: this.service.clock }
    await this.service.dependencies.db.transaction().execute(async (trx) => {
      const document = await findDocument(trx, name).catch(() => undefined)
      await (document === undefined
        ? insertDocument(trx, name, { ...version, tags: {} })
        : addDocumentVersion(trx, document, version))
    })
  }

  /** An action of this name, and its ID; after those that were put before. */
  async put(actionName: string, more: object = {}): Promise<void> {
    await this.service.call('PutSourceServerAction', {
      sourceServerID: this.sourceServerID,
      actionID: actionName,
      actionName,
      documentIdentifier: actionName,
      order: this.#order++,
      ...more,
    })
  }

  /** Launches an instance, whose agent reports in unless it is told not to. */
  async launch(
    purpose: 'test' | 'cutover',
    { isBooted = true }: { readonly isBooted?: boolean } = {},
  ): Promise<LaunchedInstance> {
    const sourceServerIDs = [this.sourceServerID]
    if (purpose === 'cutover') {
      const lifeCycle = { state: 'READY_FOR_CUTOVER' }
      const { sourceServerID } = this
      await this.service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
    }
    const call = purpose === 'test' ? 'StartTest' : 'StartCutover'
    await this.service.call(call, { sourceServerIDs })
    await this.service.runJobs()
    const instance = await LaunchedInstance.of(this.service, this.sourceServerID)
    if (isBooted) {
      await instance.boot()
      await instance.poll()
    }
    return instance
  }

  /** As a service that was killed and started again looks: it remembers nothing. */
  async look(): Promise<void> {
    await new ActionWatch(this.service.dependencies).look()
  }

  /** Lets the agent run what there is to run, one command at a time; the scripts it was told. */
  async run(
    instance: LaunchedInstance,
    statusOf: (script: string) => StepStatus = () => 'Success',
  ): Promise<string[]> {
    const scripts: string[] = []
    for (;;) {
      await this.look()
      const { commands } = await instance.poll()
      if (commands.length === 0) return scripts
      if (commands.length > 1) throw new Error('Two actions run at once')
      const [command] = commands as [InstanceCommand]
      const script = command.steps[0]?.script ?? ''
      scripts.push(script)
      await instance.end(command, statusOf(script))
    }
  }

  runs(): Promise<ActionRunsView> {
    return this.service.call('ListActionRuns', { sourceServerID: this.sourceServerID })
  }

  async states(): Promise<Record<string, string>> {
    const { runs } = await this.runs()
    return Object.fromEntries(runs.map((run) => [run.actionID, run.state]))
  }

  rerun(...actionIDs: string[]): Promise<ActionRunsView> {
    return this.service.call('RerunActions', {
      sourceServerID: this.sourceServerID,
      ...(actionIDs.length > 0 && { actionIDs }),
    })
  }

  /** What the newest job says of them. */
  async status(): Promise<PostLaunchStatus | undefined> {
    const { items } = await this.service.call<{
      items: { participatingServers: { postLaunchActionsStatus?: PostLaunchStatus }[] }[]
    }>('DescribeJobs', {})
    return items[0]?.participatingServers[0]?.postLaunchActionsStatus
  }

  finalize(): Promise<object> {
    return this.service.call('FinalizeCutover', { sourceServerID: this.sourceServerID })
  }
}
