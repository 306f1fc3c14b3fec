import { randomBytes } from 'node:crypto'
import { type TestContext } from 'node:test'
import { MemoryProvider, type Provider } from '@landfall/launch'
import { newId } from '@landfall/model'
import type {
  AgentPollAnswer,
  AgentRegistered,
  AgentRegistration,
  AgentReplicationReport,
  SourceProperties,
  StagingCommand,
} from '@landfall/model'
import type { Buckets } from './buckets/buckets.ts'
import { MemoryBuckets } from './buckets/memory-buckets.fixture.ts'
import { Notifier } from './channel/notifier.ts'
import type { Database } from './database/database.ts'
import { withTestDatabase } from './database/test-database.ts'
import type { Dependencies } from './dependencies.ts'
import { requireConforming } from './conformance/conforming.fixture.ts'
import type { CallContext, Caller, OperationGroup } from './http/operation.ts'
import { createSecretBox } from './identity/secret-box.ts'
import type { JobQueue } from './jobs/queue.ts'
import { runJob, type RunOptions } from './jobs/run-job.ts'
import { allNetworks, type InstanceNetwork } from './networks/networks.ts'
import { createOperations } from './operations.ts'
import { PlayedStagingArea } from './played/played-staging-area.fixture.ts'
import type { PlayedWorld } from './played/played-world.fixture.ts'
import { PREFLIGHT_SETTINGS } from './preflight/point-inspections.ts'
import { QUOTAS, type Quotas } from './quotas.ts'
import { TIMING, type Timing } from './timing.ts'

export const ACCOUNT = { accountID: '123456789012', region: 'lf-local-1' }

const USER: Caller = {
  kind: 'user',
  userName: 'admin',
  accessKeyId: 'AKIA',
  arn: 'arn:aws:iam::123456789012:user/admin',
  isTemporary: false,
}

const MIB = 1024 * 1024

export const PROPERTIES: SourceProperties = {
  identificationHints: { hostname: 'web01', fqdn: 'web01.example.org' },
  networkInterfaces: [
    { name: 'ens3', macAddress: '52:54:00:12:34:56', ips: ['10.0.2.15'], isPrimary: true },
  ],
  disks: [
    { deviceName: '/dev/sdb', bytes: 64 * MIB, isBootDisk: false },
    { deviceName: '/dev/sda', bytes: 128 * MIB, isBootDisk: true },
  ],
  cpus: [{ cores: 2, modelName: 'QEMU' }],
  ramBytes: 2048 * MIB,
  os: { fullString: 'linux 6.1.0-28-amd64' },
  firmware: 'bios',
}

export interface TestServiceOptions {
  readonly db: Database
  readonly provider?: Provider
  readonly timing?: Partial<Timing>
  readonly quotas?: Partial<Quotas>
  readonly buckets?: Buckets
  readonly networks?: readonly InstanceNetwork[]
  readonly tokenKey?: Uint8Array
}

/** Operations over a real database, with an agent and a staging area that do as they are told. */
export class TestService implements PlayedWorld {
  readonly dependencies: Dependencies
  readonly operations: Required<OperationGroup>
  /** Jobs that were put into the queue and not run yet. */
  readonly queued: string[] = []
  /** The clock; tests move it. */
  clock = new Date('2026-01-10T09:00:00.000Z')
  readonly now = () => this.clock
  readonly #stagingArea = new PlayedStagingArea(this)
  readonly stopping = new AbortController()

  constructor(options: TestServiceOptions) {
    this.dependencies = {
      db: options.db,
      account: ACCOUNT,
      certificateAuthority: {
        caCertificatePem: 'CA',
        issueAgentCertificate: ({ sourceServerID }) =>
          Promise.resolve({ certificatePem: `CN=${sourceServerID}`, caCertificatePem: 'CA' }),
      },
      secretBox: createSecretBox(new Uint8Array(32)),
      provider: options.provider ?? new MemoryProvider(),
      buckets: options.buckets ?? new MemoryBuckets(),
      notifier: new Notifier(),
      agent: { agentVersion: '1.0.0', replicationAddresses: ['127.0.0.1'], replicationPort: 1500 },
      instances: {
        endpoint: 'https://10.0.2.2:8443',
        outerEndpoint: 'https://192.0.2.1:8443',
        tokenKey: options.tokenKey ?? randomBytes(32),
        filesOf: (id) => ({
          serialLogPath: `${id}/serial.log`,
          screenshotPath: `${id}/screenshot.png`,
        }),
        accelerator: 'tcg',
        host: { cpus: 2, ramBytes: 8192 * MIB },
      },
      networks: allNetworks(options.networks ?? []),
      quotas: { ...QUOTAS, ...options.quotas },
      preflight: PREFLIGHT_SETTINGS,
      timing: { ...TIMING, recheckMs: 200, ...options.timing },
      now: this.now,
      log: () => {},
    }
    const jobs: JobQueue = {
      enqueue: (_, jobID) => Promise.resolve(void this.queued.push(jobID)),
      wake: () => {},
    }
    this.operations = createOperations({ ...this.dependencies, jobs })
  }

  /** Makes the clock stand later. */
  later(ms: number) {
    this.clock = new Date(this.clock.getTime() + ms)
  }

  /** Calls one of MGN's operations, EC2's, SSM's or Landfall's own, as the administrator. */
  async call<T = Record<string, never>>(name: string, input: object = {}): Promise<T> {
    const { landfall, ssm, ec2, mgn } = this.operations
    return this.#call<T>({ ...landfall, ...ssm, ...ec2, ...mgn }, name, input, USER)
  }

  /** Calls `{name}ForMgn`. */
  async callForMgn<T>(name: string, input: object, caller: Caller = USER): Promise<T> {
    return this.#call<T>(this.operations.forMgn, `${name}ForMgn`, input, caller)
  }

  async asAgent<T>(name: string, input: { readonly sourceServerID: string }): Promise<T> {
    return this.callForMgn<T>(name, input, { kind: 'agent', sourceServerID: input.sourceServerID })
  }

  asStaging<T>(name: string, input: object): Promise<T> {
    return this.#stagingArea.tell<T>(name, input)
  }

  /** Every server has the same. */
  async disksOf() {
    return PROPERTIES.disks
  }

  async #call<T>(
    operations: NonNullable<OperationGroup['mgn']>,
    name: string,
    input: object,
    caller: Caller,
  ): Promise<T> {
    const operation = operations[name]
    if (operation === undefined) throw new Error(`there is no operation ${name}`)
    const context: CallContext = {
      ...ACCOUNT,
      caller,
      signal: this.stopping.signal,
      now: this.now,
    }
    const output = await operation(input as never, context)
    requireConforming(name, output)
    return output as T
  }

  // ---- the agent -----------------------------------------------------------------------------

  async register(changes: Partial<AgentRegistration> = {}): Promise<string> {
    const registration: AgentRegistration = {
      machineIdentity: randomBytes(8).toString('hex'),
      sourceProperties: PROPERTIES,
      tags: {},
      noReplication: false,
      agentVersion: '1.0.0',
      ...changes,
    }
    const answer = await this.callForMgn<AgentRegistered>('RegisterAgent', registration)
    return answer.sourceServerID
  }

  report(sourceServerID: string, changes: Partial<AgentReplicationReport> = {}) {
    const report: AgentReplicationReport = {
      sourceServerID,
      state: 'CONTINUOUS',
      error: null,
      disks: PROPERTIES.disks.map(({ deviceName, bytes }) => ({
        deviceName,
        totalStorageBytes: bytes,
        replicatedStorageBytes: bytes,
        rescannedStorageBytes: bytes,
        backloggedStorageBytes: 0,
      })),
      readBytes: 1,
      wireBytes: 1,
      lagSeconds: 0,
      results: [],
      ...changes,
    }
    return this.asAgent('UpdateAgentReplicationInfo', report)
  }

  pollAgent(sourceServerID: string) {
    const input = { sourceServerID, waitSeconds: 0 }
    return this.asAgent<AgentPollAnswer>('GetAgentCommand', input)
  }

  /** Carries out the agent's open commands: points come about, comparisons find no difference. */
  async agentWorks(sourceServerID: string): Promise<void> {
    const { commands } = await this.pollAgent(sourceServerID)
    for (const command of commands) {
      if (command.type !== 'CREATE_POINT') continue
      await this.pointCreated(sourceServerID, command.pointID)
      const { commandID } = command
      await this.report(sourceServerID, {
        results: [{ commandID, outcome: { ok: true, result: {} } }],
      })
    }
  }

  pointCreated(sourceServerID: string, pointID: string) {
    return this.#stagingArea.pointCreated(sourceServerID, pointID)
  }

  // ---- the staging area ----------------------------------------------------------------------

  pollStaging() {
    return this.#stagingArea.poll()
  }

  /** Carries out the open commands; `fail` names those that go wrong. Returns what was done. */
  async stagingWorks(
    fail: (command: StagingCommand) => string | undefined = () => undefined,
  ): Promise<readonly StagingCommand[]> {
    const { commands } = await this.pollStaging()
    for (const command of commands) await this.#stagingArea.end(command, fail(command))
    return commands
  }

  // ---- the whole -----------------------------------------------------------------------------

  /** A server that is READY_FOR_TEST. */
  async readyServer(changes: Partial<AgentRegistration> = {}): Promise<string> {
    const id = await this.register(changes)
    await this.stagingWorks()
    await this.pollAgent(id)
    await this.asStaging('NotifyAgentConnected', { sourceServerID: id })
    await this.report(id)
    await this.agentWorks(id)
    return id
  }

  /** Runs the queued jobs while agents and staging area work. */
  async runJobs(
    options: Partial<RunOptions> & { fail?: (command: StagingCommand) => string | undefined } = {},
  ) {
    const jobs = this.queued.splice(0)
    await this.working(async () => {
      const { signal } = this.stopping
      for (const jobID of jobs) await runJob(this.dependencies, jobID, { signal, ...options })
    }, options.fail)
  }

  /** Runs `body` while agents and staging area do what they are told. */
  async working(body: () => Promise<void>, fail?: (command: StagingCommand) => string | undefined) {
    let isDone = false
    const work = async () => {
      while (!isDone) {
        const servers = await this.dependencies.db
          .selectFrom('agent_commands')
          .select('source_server_id')
          .where('finished_at', 'is', null)
          .distinct()
          .execute()
        for (const server of servers) await this.agentWorks(server.source_server_id)
        await this.stagingWorks(fail)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    await Promise.all([
      work(),
      body().finally(() => {
        isDone = true
      }),
    ])
  }

  server(sourceServerID: string): Promise<SourceServerView> {
    const filters = { sourceServerIDs: [sourceServerID] }
    return this.call<{ items: SourceServerView[] }>('DescribeSourceServers', { filters }).then(
      ({ items: [server] }) => {
        if (server === undefined) throw new Error(`${sourceServerID} is not there`)
        return server
      },
    )
  }

  async jobLog(jobID: string): Promise<string[]> {
    const { items } = await this.call<{ items: { event: string }[] }>('DescribeJobLogItems', {
      jobID,
    })
    return items.map((item) => item.event)
  }
}

/** The fields of a source server that tests look at. */
export interface SourceServerView {
  readonly sourceServerID: string
  readonly arn: string
  readonly isArchived: boolean
  readonly tags: Record<string, string>
  readonly launchedInstance?: { ec2InstanceID: string; jobID: string; firstBoot: string }
  readonly lifeCycle: {
    readonly state: string
    readonly lastTest: Record<string, { apiCallDateTime: string; jobID?: string }>
    readonly lastCutover: Record<string, { apiCallDateTime: string; jobID?: string }>
    readonly firstByteDateTime?: string
    readonly elapsedReplicationDuration?: string
    readonly lastSeenByServiceDateTime?: string
  }
  readonly dataReplicationInfo: {
    readonly dataReplicationState: string
    readonly lagDuration?: string
    readonly replicatedDisks: readonly { totalStorageBytes: number }[]
    readonly dataReplicationInitiation: { steps: readonly { name: string; status: string }[] }
    readonly dataReplicationError?: { error: string; rawError: string }
  }
  readonly sourceProperties: Record<string, unknown>
  readonly fqdnForActionFramework: string
}

export interface JobView {
  readonly jobID: string
  readonly status: string
  readonly participatingServers: readonly {
    readonly sourceServerID: string
    readonly launchStatus: string
    readonly launchedEc2InstanceID?: string
  }[]
}

/** An initialized service over a database of its own. */
export async function createTestService(
  t: TestContext,
  options: Omit<TestServiceOptions, 'db'> = {},
): Promise<TestService & { readonly connectionString: string }> {
  const { db, connectionString } = await withTestDatabase(t)
  const service = new TestService({ db, ...options })
  await service.call('InitializeService')
  return Object.assign(service, { connectionString })
}

/** An ID that no server has. */
export const unknownServer = () => newId('sourceServer')
