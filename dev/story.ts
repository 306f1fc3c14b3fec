import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { TaskRunner } from '../packages/service/src/import-export/task-runner.ts'
import { insertKeptPoints } from '../packages/service/src/played/kept-points.fixture.ts'
import { ActionWatch } from '../packages/service/src/post-launch-actions/action-watch.ts'
import { CAST, type Progress, WAVES } from './cast.ts'
import type { Clock } from './clock.ts'
import type { DevelopmentService } from './development-service.ts'
import { invitePeople, type People } from './people.ts'
import type { PlayedSite } from './played-site.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** An initial sync, as far as the story is concerned. */
const SYNC_MS = 3 * HOUR_MS

const TEMPLATE_ACTIONS: Readonly<Record<string, Readonly<Record<string, string[]>>>> = {
  'Landfall-VerifyTimeSync': {},
  'AWSMigration-ValidateDiskSpace': { Paths: ['/'] },
}
const HTTP_CHECK = {
  name: 'Landfall-VerifyHTTPResponse',
  parameters: { Urls: ['https://127.0.0.1/health'] },
  mustSucceedForCutover: true,
}

const BUCKET = 'inventory'
const INVENTORY = [
  'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework,mgn:app:name,mgn:wave:name',
  'crm-1,crm01.example.org,crm,Wave 5: customers',
  'crm-2,crm02.example.org,crm,Wave 5: customers',
  'mail-1,mail01.example.org,mail,Wave 5: customers',
]
const WRONG_INVENTORY = [INVENTORY[0], ',nobody.example.org,crm,', 'x-1,,crm,']

/** A fortnight of migrations, told to the service through its own operations. */
export class Story {
  readonly #service: DevelopmentService
  readonly #site: PlayedSite
  readonly #clock: Clock
  readonly #people: People
  readonly #groups = new Map<string, string>()
  readonly #ids = new Map<string, string>()

  private constructor(parts: {
    service: DevelopmentService
    site: PlayedSite
    clock: Clock
    people: People
  }) {
    this.#service = parts.service
    this.#site = parts.site
    this.#clock = parts.clock
    this.#people = parts.people
  }

  /** Tells all of it, up to now. */
  static async tell(service: DevelopmentService, site: PlayedSite, clock: Clock): Promise<void> {
    clock.goTo(15 * DAY_MS)
    const people = await invitePeople(service)
    const story = new Story({ service, site, clock, people })
    await story.#plan()
    await story.#firstWave()
    await story.#secondWave()
    await story.#thirdWave()
    await story.#laboratory()
    await story.#warehouse()
    await story.#lastDay()
    clock.catchUp()
    site.turn()
    await site.look()
    await story.#now()
  }

  async #plan(): Promise<void> {
    const { administrator, ann } = this.#people
    await administrator.call('mgn:InitializeService')
    type Templates = { items: { launchConfigurationTemplateID: string }[] }
    const { items } = await ann.call<Templates>('mgn:DescribeLaunchConfigurationTemplates')
    const launchConfigurationTemplateID = items[0]?.launchConfigurationTemplateID
    for (const [name, parameters] of Object.entries(TEMPLATE_ACTIONS)) {
      const action = { launchConfigurationTemplateID, name, parameters }
      await ann.call('landfall:AddPredefinedAction', action)
    }
    this.#clock.goTo(14 * DAY_MS)
    for (const [wave, applications] of Object.entries(WAVES)) {
      const { waveID } = await ann.call<{ waveID: string }>('mgn:CreateWave', { name: wave })
      for (const name of applications) await this.#createApplication(name)
      const applicationIDs = applications.map((name) => this.#groups.get(name))
      await ann.call('mgn:AssociateApplications', { waveID, applicationIDs })
    }
    await this.#createApplication('laboratory')
  }

  async #createApplication(name: string): Promise<void> {
    const { ann } = this.#people
    type Created = { applicationID: string }
    const { applicationID } = await ann.call<Created>('mgn:CreateApplication', { name })
    this.#groups.set(name, applicationID)
  }

  async #firstWave(): Promise<void> {
    const { ann } = this.#people
    await this.#install(13 * DAY_MS, 'intranet', 'wiki')
    const ids = this.#with('archived', 'cut over')
    await this.#launch(12 * DAY_MS, 'mgn:StartTest', ids)
    await this.#eachAt(11 * DAY_MS, 'mgn:ChangeServerLifeCycleState', ids, READY_FOR_CUTOVER)
    await this.#launch(10 * DAY_MS, 'mgn:StartCutover', ids)
    await this.#eachAt(9 * DAY_MS, 'mgn:FinalizeCutover', ids)
    await this.#eachAt(8 * DAY_MS, 'mgn:MarkAsArchived', this.#with('archived'))
    await ann.call('mgn:ArchiveApplication', { applicationID: this.#groups.get('intranet') })
  }

  async #secondWave(): Promise<void> {
    const { ann } = this.#people
    await this.#install(7 * DAY_MS, 'shop', 'payments')
    const cutting = this.#with('cutting over')
    for (const sourceServerID of cutting) {
      await ann.call('landfall:AddPredefinedAction', { sourceServerID, ...HTTP_CHECK })
    }
    const ready = [...cutting, ...this.#with('ready for cutover')]
    await this.#launch(6 * DAY_MS, 'mgn:StartTest', ready)
    await this.#eachAt(5 * DAY_MS, 'mgn:ChangeServerLifeCycleState', ready, READY_FOR_CUTOVER)
    const rest = this.#of(['shop', 'payments'], 'tested', 'test stopped')
    await this.#launch(4 * DAY_MS, 'mgn:StartTest', rest)
    const noLonger = this.#named('shop-cache01')
    await this.#launch(3.5 * DAY_MS, 'mgn:TerminateTargetInstances', noLonger)
  }

  async #thirdWave(): Promise<void> {
    await this.#install(3 * DAY_MS, 'erp', 'reporting')
    await this.#launch(2 * DAY_MS, 'mgn:StartTest', this.#of(['erp'], 'tested'))
  }

  async #laboratory(): Promise<void> {
    await this.#install(1.8 * DAY_MS, 'laboratory')
    await this.#eachAt(1.5 * DAY_MS, 'mgn:StopReplication', this.#with('stopped'))
    await this.#eachAt(1.4 * DAY_MS, 'mgn:DisconnectFromService', this.#with('disconnected'))
    await this.#launch(DAY_MS, 'mgn:StartCutover', this.#with('cutting over'))
  }

  /** What is still being synced was installed last. */
  async #warehouse(): Promise<void> {
    await this.#install(4 * HOUR_MS, 'warehouse')
  }

  async #lastDay(): Promise<void> {
    const { ann, ben } = this.#people
    await this.#eachAt(HOUR_MS, 'mgn:PauseReplication', this.#with('paused'))
    const stopped = await this.#instancesOf(this.#with('test stopped'))
    await ann.call('ec2:StopInstances', { InstanceIds: stopped, Force: true })
    for (const sourceServerID of this.#named('report01', 'shop-db01')) {
      await ann.call('landfall:UpdateRehearsalSettings', { sourceServerID, everyHours: 24 })
    }
    this.#clock.goTo(50 * MINUTE_MS)
    await this.#import('inventory.csv', INVENTORY)
    await this.#import('wrong.csv', WRONG_INVENTORY)
    this.#clock.goTo(40 * MINUTE_MS)
    this.#site.turn()
    for (const sourceServerID of this.#named('lab-frozen01')) {
      await ann.call('landfall:CreatePoint', { sourceServerID })
    }
    // Somebody who may not: the audit log has that, too.
    const denied = { UserName: 'vera' }
    await ben.call('iam:DeleteUser', denied).catch(() => {})
    await this.#settle()
  }

  /** What is under way when somebody opens the console. */
  async #now(): Promise<void> {
    const { db } = this.#service.world
    const steady = CAST.filter(({ behaviour }) => behaviour.kind === 'steady')
    const ids = this.#named(...steady.map(({ hostname }) => hostname))
    const servers = `select server.source_server_id as id, server.seq, max(taken_at) as since
      from source_servers server join points using (source_server_id)
      where desired = 'REPLICATING' and source_server_id in (${ids.map((id) => `'${id}'`).join()})
      group by id, server.seq`
    await sql.raw(insertKeptPoints(servers)).execute(db)
    const sourceServerIDs = this.#named('wh-label01', 'report-db01')
    await this.#people.ann.call('mgn:StartTest', { sourceServerIDs })
  }

  async #import(s3Key: string, rows: readonly (string | undefined)[]): Promise<void> {
    const { world } = this.#service
    const { signal } = new AbortController()
    const location = { bucket: BUCKET, key: s3Key, owner: null }
    await world.buckets.put(location, Readable.from([`${rows.join('\n')}\n`]), signal)
    const s3BucketSource = { s3Bucket: BUCKET, s3Key }
    await this.#people.ann.call('mgn:StartImport', { s3BucketSource })
    await new TaskRunner(world, signal).look()
  }

  /** Agents come to all servers of the applications, and their initial syncs end. */
  async #install(agoMs: number, ...applications: readonly string[]): Promise<void> {
    this.#clock.goTo(agoMs)
    for (const application of applications) {
      const members = CAST.filter((member) => member.application === application)
      const sourceServerIDs: string[] = []
      for (const member of members) {
        this.#clock.pass(MINUTE_MS)
        const id = await this.#site.register(member)
        this.#ids.set(member.hostname, id)
        sourceServerIDs.push(id)
      }
      const applicationID = this.#groups.get(application)
      await this.#people.ben.call('mgn:AssociateSourceServers', { applicationID, sourceServerIDs })
    }
    await this.#settle()
    this.#clock.pass(SYNC_MS)
    await this.#settle()
  }

  async #launch(agoMs: number, action: string, sourceServerIDs: readonly string[]): Promise<void> {
    this.#clock.goTo(agoMs)
    await this.#people.ann.call(action, { sourceServerIDs })
    await this.#settle()
  }

  async #eachAt(
    agoMs: number,
    action: string,
    ids: readonly string[],
    more: object = {},
  ): Promise<void> {
    this.#clock.goTo(agoMs)
    for (const sourceServerID of ids) {
      this.#clock.pass(MINUTE_MS)
      await this.#people.ben.call(action, { sourceServerID, ...more })
    }
    await this.#settle()
  }

  /** Until whatever is under way has ended: nobody in the story waits for the real time. */
  async #settle(): Promise<void> {
    const actions = new ActionWatch(this.#service.world)
    for (let quiet = 0; quiet < QUIET_LOOKS;) {
      const done = await this.#site.look()
      await actions.look()
      const { count } = await this.#service.world.db
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('status', '<>', 'COMPLETED')
        .executeTakeFirstOrThrow()
      quiet = done + count === 0 ? quiet + 1 : 0
      await sleep(1)
    }
  }

  async #instancesOf(ids: readonly string[]): Promise<string[]> {
    type Described = { items: { launchedInstance?: { ec2InstanceID: string } }[] }
    const filters = { sourceServerIDs: ids }
    const { items } = await this.#people.ann.call<Described>('mgn:DescribeSourceServers', {
      filters,
    })
    return items.flatMap(({ launchedInstance }) => launchedInstance?.ec2InstanceID ?? [])
  }

  #with(...progress: readonly Progress[]): string[] {
    return this.#named(
      ...CAST.filter((member) => progress.includes(member.progress)).map((one) => one.hostname),
    )
  }

  #of(applications: readonly string[], ...progress: readonly Progress[]): string[] {
    return this.#named(
      ...CAST.filter((member) => applications.includes(member.application))
        .filter((member) => progress.includes(member.progress))
        .map((one) => one.hostname),
    )
  }

  #named(...hostnames: readonly string[]): string[] {
    return hostnames.flatMap((hostname) => this.#ids.get(hostname) ?? [])
  }
}

const READY_FOR_CUTOVER = { lifeCycle: { state: 'READY_FOR_CUTOVER' } }

/** An agent is asked at the first look, connected at the second, and has its point at a later. */
const QUIET_LOOKS = 3
