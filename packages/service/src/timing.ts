const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const DAY_MS = 24 * 60 * MINUTE_MS

/** How long things may take. Tests pass their own. */
export interface Timing {
  /** An agent that was not heard of for so long is AGENT_NOT_SEEN. */
  readonly agentNotSeenMs: number
  /** A replication server that was not heard of for so long stalls who waits for it. */
  readonly stagingNotSeenMs: number
  /** No point for so long, and the last one failed: SNAPSHOTS_FAILURE. */
  readonly pointsLateMs: number
  /** A point that was asked for and is not there after so long has failed. */
  readonly pointDeadlineMs: number
  /** Pause before the first point is asked for again. */
  readonly pointRetryMs: number
  /** The schedule of points is looked at this often: how late a point, or a deletion, may be. */
  readonly pointScheduleMs: number
  /** Pause of the schedule after a point that failed. */
  readonly pointScheduleRetryMs: number
  /** Pause before a point is to be deleted again. */
  readonly pointDeleteRetryMs: number
  /** Rehearsals that are due are looked for this often. */
  readonly rehearsalScheduleMs: number
  /** Points that are to be looked into are looked for this often. */
  readonly pointInspectionMs: number
  /** Pause before volumes are asked for again. */
  readonly volumesRetryMs: number
  /** One attempt to convert a point. */
  readonly conversionDeadlineMs: number
  /** Any other command to the staging area, waited for by a job. */
  readonly stagingDeadlineMs: number
  /** A command to the staging area that an operator's call waits for. */
  readonly operatorWaitMs: number
  /** An instance that has not reported its first boot after so long is UNKNOWN. */
  readonly firstBootDeadlineMs: number
  /** Instances that have not reported yet are looked at this often. */
  readonly bootWatchMs: number
  /** Instances whose channel is not open are looked for this often. */
  readonly agentChannelsMs: number
  /** Events that are due are delivered this often. */
  readonly eventDeliveryMs: number
  /** Servers that stall, or go on, are looked for this often. */
  readonly stallWatchMs: number
  /** How each server replicates is written down this often. */
  readonly replicationSampleMs: number
  /** Imports and exports that were started are looked for this often. */
  readonly taskRunnerMs: number
  /** An instance whose agent was not heard of for so long has lost its connection. */
  readonly instanceLostMs: number
  /** And is inactive after so long. */
  readonly instanceInactiveMs: number
  /** The end of a command may be told so long after it must have come. */
  readonly commandGraceMs: number
  /** Commands that have ended are kept for so long. */
  readonly commandKeptMs: number
  /** Commands that cannot end any more are looked for this often. */
  readonly commandWatchMs: number
  /** Post-launch actions that can go on are looked for this often. */
  readonly actionWatchMs: number
  /** Images that wait to be made, or deleted, are looked for this often. */
  readonly imageWatchMs: number
  /** It is looked this often whether who looks at an instance's screen still may. */
  readonly screenRecheckMs: number
  /** Longest long poll. */
  readonly pollMs: number
  /** Every wait but that of an agent looks again this often without being rung. */
  readonly recheckMs: number
}

export const TIMING: Timing = {
  // The agent is heard every 20 s (its poll) at the latest; a reboot of the source takes minutes.
  agentNotSeenMs: 5 * MINUTE_MS,
  // It asks every 20 s, and is started again at once when it ends.
  stagingNotSeenMs: 2 * MINUTE_MS,
  // Three points of the default policy: one that fails now and then is made up for by the next.
  pointsLateMs: 30 * MINUTE_MS,
  // Draining a backlog and a few tries of a 2 s freeze, on a slow source.
  pointDeadlineMs: 10 * MINUTE_MS,
  pointRetryMs: MINUTE_MS,
  // Only so many points are made, and deleted, at once: of 1,000 servers with the default policy
  // two are due, and two outdated, every second.
  pointScheduleMs: 2 * SECOND_MS,
  // The default interval: what made it fail (no room, no quiet) seldom ends sooner.
  pointScheduleRetryMs: 10 * MINUTE_MS,
  pointDeleteRetryMs: 5 * MINUTE_MS,
  // Each takes seconds to a minute, and one is looked into at a time.
  pointInspectionMs: 30 * SECOND_MS,
  // Hours lie between two of a server.
  rehearsalScheduleMs: MINUTE_MS,
  volumesRetryMs: MINUTE_MS,
  // Minutes under KVM; under software emulation and load many times that.
  conversionDeadlineMs: 90 * MINUTE_MS,
  stagingDeadlineMs: 10 * MINUTE_MS,
  // A minute under software emulation; a check of large filesystems takes many.
  firstBootDeadlineMs: 30 * MINUTE_MS,
  bootWatchMs: 10 * SECOND_MS,
  // A guest takes longer to boot, and an agent that finds nobody tries again.
  agentChannelsMs: 2 * SECOND_MS,
  eventDeliveryMs: SECOND_MS,
  // Minutes have passed when AGENT_NOT_SEEN is said: seconds more are no news.
  stallWatchMs: 10 * SECOND_MS,
  // Sixty in an hour draw a line; 10,000 servers are 170 rows a second.
  replicationSampleMs: MINUTE_MS,
  taskRunnerMs: SECOND_MS,
  // Within the minute after which AWS's clients give up on an answer.
  operatorWaitMs: 45 * SECOND_MS,
  // It is heard every 20 s (its poll); an agent that found no service comes again within 5 minutes.
  instanceLostMs: 2 * MINUTE_MS,
  instanceInactiveMs: DAY_MS,
  // Twice the longest pause of an agent that found no service.
  commandGraceMs: 10 * MINUTE_MS,
  // SSM's own.
  commandKeptMs: 30 * DAY_MS,
  commandWatchMs: 5 * SECOND_MS,
  // The pause between one action and the next.
  actionWatchMs: SECOND_MS,
  // Part of the time between the call and the moment that the image is of.
  imageWatchMs: SECOND_MS,
  screenRecheckMs: 5 * SECOND_MS,
  pollMs: 20 * SECOND_MS,
  recheckMs: 2 * SECOND_MS,
}
