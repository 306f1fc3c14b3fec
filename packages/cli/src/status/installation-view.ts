/** What GetStatus answers. */
export interface InstallationStatus {
  readonly service: {
    readonly region: string
    readonly accountID: string
    readonly startedAt: string
    readonly now: string
  }
  readonly initialized: boolean
  readonly replicationServers: readonly {
    readonly replicationServerID: string
    readonly lastSeenAt: string
  }[]
  readonly openJobs: readonly {
    readonly jobID: string
    readonly kind: string
    readonly status: string
  }[]
}

/** The staging area polls the service all the time: a longer silence means that it does not run. */
const SILENCE_MAX_MS = 120_000

/** The installation as a whole, for a person. */
export function describeInstallation(status: InstallationStatus): string {
  const { service, replicationServers, openJobs } = status
  const staging = replicationServers.map(({ replicationServerID, lastSeenAt }) => {
    const silentMs = Date.parse(service.now) - Date.parse(lastSeenAt)
    const health = silentMs > SILENCE_MAX_MS ? 'NOT SEEN since' : 'last seen'
    return `Staging area ${replicationServerID}, ${health} ${lastSeenAt}`
  })
  const jobs = openJobs.map((job) => `Job          ${job.jobID} ${job.kind} ${job.status}`)
  return [
    `Service      region ${service.region}, account ${service.accountID}, ` +
      `up since ${service.startedAt}`,
    ...(status.initialized ? [] : ['Account      not initialised: call InitializeService']),
    ...(staging.length === 0 ? ['Staging area never seen: see logs/staging.log'] : staging),
    ...jobs,
  ].join('\n')
}
