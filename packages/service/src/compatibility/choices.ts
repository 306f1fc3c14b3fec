import { ACTION_CHOICES } from './action-choices.ts'
import type { Choice } from './choice.ts'
import { IMAGE_CHOICES } from './image-choices.ts'

export const CHOICES: readonly Choice[] = [
  {
    question: 'StartTest from READY_FOR_CUTOVER',
    choice:
      'refused with ConflictException: the state says that testing is finished; revert ' + 'first',
    shownBy:
      'every event in every state does what the table says, or is a conflict that changes nothing',
  },
  {
    question: 'StartCutover from CUTTING_OVER',
    choice:
      'accepted as a relaunch: the operator who repeats a cutover wants a fresh ' + 'instance',
    shownBy:
      'every event in every state does what the table says, or is a conflict that changes nothing',
  },
  {
    question: 'Revert from CUTOVER',
    choice: 'refused: replication is gone',
    shownBy:
      'every event in every state does what the table says, or is a conflict that changes nothing',
  },
  {
    question: 'Unknown ID in StartTest, StartCutover, TerminateTargetInstances',
    choice:
      'ConflictException with the ID in `errors`: the only error these operations ' +
      'declare that can name several servers',
    shownBy: 'one refused server refuses all, and each is named with its reason',
  },
  {
    question: 'State after a failed launch',
    choice:
      'stays TESTING or CUTTING_OVER; `launchStatus` FAILED tells, and the operator ' +
      'repeats or reverts',
    shownBy: 'the servers of a job are independent: one fails, the other is launched',
  },
  {
    question: "Place of CLEANUP in a launch job's log",
    choice: 'first, before SNAPSHOT_START',
    shownBy: 'each event of a launch names its server and what it is about',
  },
  {
    question: 'How often a point is made, how long it is kept',
    choice:
      'every 10 minutes; each for 1 hour, the first of each hour for 24 hours, of each ' +
      'day (UTC) for 7 days',
    shownBy: 'a month of points by schedule leaves what the policy says, at any time',
  },
  {
    question: 'First boot never reported',
    choice:
      '`firstBoot` is WAITING for 30 minutes, then UNKNOWN; SUCCEEDED when the report ' +
      'comes after all',
    shownBy: 'the screen of an instance is kept until it has come up; in time or it is UNKNOWN',
  },
  {
    question: 'When NOT_CONVERGING is said',
    choice:
      'when the backlog grew over two minutes by writes alone; `rawError` has both ' +
      'rates, the slowest stage and the remedy. The state stays (BACKLOG, INITIAL_SYNC ' +
      '…), because data flows',
    shownBy: 'writes that outrun replication for two minutes are told with both rates',
  },
  {
    question: 'Error while the staging area has no room',
    choice:
      'FAILED_TO_START_DATA_TRANSFER: every step before the data transfer has ' +
      'succeeded, and the list has no error of its own for it. NOT_CONVERGING would ' +
      'speak of speed',
    shownBy: 'a replica without space stalls with the reason, and goes on when there is space',
  },
  {
    question: 'Default right-sizing',
    choice: 'BASIC',
    shownBy: 'launch settings decide the type, the start and the tags',
  },
  {
    question: 'Right-sizing algorithm',
    choice:
      "the smallest type of the c5, m5, r5 families with at least the source's CPUs and " +
      'memory',
    shownBy: 'right sizing takes the smallest type that has what the source has',
  },
  {
    question: 'A source larger than every instance type, or a type larger than the host',
    choice:
      "the largest type; an instance gets at most the host's CPUs and half of its memory. " +
      'GetLaunchPlan and DescribeInstance say both figures',
    shownBy:
      'what the host gives less, and a source larger than every type, are told before the launch',
  },
  {
    question: 'When a boot mode that the source does not have is refused',
    choice:
      'by UpdateLaunchConfiguration, with ValidationException; one that a template gave a new ' +
      'server, by the launch, with LAUNCH_FAILED before anything is removed or converted',
    shownBy:
      'a boot mode from the template that does not fit fails the launch, and spares what there is',
  },
  {
    question: 'Secure Boot',
    choice: "as on the source, with Microsoft's keys: MGN's settings do not speak of it",
    shownBy: 'an instance boots as its source does, with Secure Boot where that was on',
  },
  {
    question: 'Volume type, Iops and Throughput of the launch template',
    choice:
      'Iops and Throughput limit the disk, reads and writes together; without them there is no ' +
      'limit, whatever the type. io1 and io2 have an I/O thread of their own; gp2, gp3, st1, sc1 ' +
      "and standard share one: the medium is the staging area's. Iops without gp3, io1, " +
      'io2 and Throughput without gp3 fail the launch, as EC2 refuses them',
    shownBy: 'every problem of a plan is told, with the facts that contradict each other',
  },
  {
    question: 'Termination protection of an earlier instance',
    choice:
      'DisableApiTermination of the launch template is given to the instance at its launch and ' +
      'is its own from then on. A launch that would remove it ends for that server with ' +
      'CLEANUP_FAIL and LAUNCH_FAILED; nothing is removed',
    shownBy: 'a protected test instance stays: the next launch fails with the remedy, which helps',
  },
  {
    question: 'Keeping the tested instance instead of launching anew ("skip cutover")',
    choice:
      'PromoteTestInstance, an operation of our own, from READY_FOR_CUTOVER to CUTTING_OVER: the ' +
      'caller names the moment since which writes on the source are lost. ' +
      '`lastCutover.initiated.jobID` is the job that launched the instance',
    shownBy: 'a tested instance is promoted, finalised, and is the same instance all along',
  },
  {
    question: '`enableMapAutoTagging`',
    choice: 'the instance has the tag map-migrated with `mapAutoTaggingMpeID`',
    shownBy: "the template's tags win over the server's, and MAP tagging adds its own",
  },
  {
    question: 'Steps without meaning here: CREATE_SECURITY_GROUP, DOWNLOAD_REPLICATION_SOFTWARE',
    choice: 'SKIPPED as soon as the steps before them have SUCCEEDED',
    shownBy: 'the steps follow what happened, and the first open one is in progress',
  },
  {
    question: 'When a replication server is missed',
    choice:
      'after 2 minutes in which an initiation waits for it: ' +
      'FAILED_TO_LAUNCH_REPLICATION_SERVER when none was ever heard of, ' +
      'FAILED_TO_AUTHENTICATE_WITH_SERVICE when it fell silent (it asks every 20 ' +
      'seconds). Once the volumes are there, the agent tells',
    shownBy: 'a replication server that never came, or came and went, stalls who waits for it',
  },
  {
    question: 'AGENT_NOT_SEEN',
    choice: 'after 5 minutes without a word from the agent',
    shownBy: 'an agent that is silent too long is not seen, also one that never came',
  },
  {
    question: 'SNAPSHOTS_FAILURE',
    choice:
      'when the last point failed and there is none of the last 30 minutes. The state ' +
      'stays, because data flows',
    shownBy: 'a point that fails now and then is no failure; none for long is',
  },
  {
    question: 'Errors that do not occur',
    choice:
      'FAILED_TO_CREATE_SECURITY_GROUP, FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE ' +
      '(nothing to do), FAILED_TO_BOOT_REPLICATION_SERVER (not told from LAUNCH), and ' +
      'those of agentless replication',
    shownBy: 'every error names its stage, its cause and a remedy',
  },
  {
    question: 'When an initiation is tried again',
    choice:
      'volumes after a minute, connections after up to 30 seconds; ' +
      '`nextAttemptDateTime` says when. RetryDataReplication begins anew at once; ' +
      'points and volumes stay. It is refused with ValidationException unless the state ' +
      'is STALLED',
    shownBy: 'a stalled initiation is tried again at once, and only once',
  },
  {
    question: '`rescannedStorageBytes` without a rescan',
    choice: "the whole disk, as in MGN's sample; 0 during the initial sync",
    shownBy: 'the counters of a disk add up in every phase',
  },
  {
    question: '`--no-replication` for a server that was disconnected',
    choice:
      'it is STOPPED under its old ID until StartReplication. A server that is not ' +
      'disconnected goes on as its operator set it',
    shownBy: 'an agent that is installed again without replication waits too, under its old ID',
  },
  {
    question: 'Names of applications and waves',
    choice:
      'no two of a kind have one name, archived ones included: rows of an import are ' +
      'matched by name',
    shownBy: 'applications and waves are made, found by filter, renamed, archived and deleted',
  },
  {
    question: 'Deletion of an application or wave that is not empty',
    choice: 'refused with ConflictException that says what is still in it',
    shownBy: 'applications and waves are made, found by filter, renamed, archived and deleted',
  },
  {
    question: 'Archiving an application or wave',
    choice:
      'refused while it has source servers, or applications, that are not archived: ' +
      'what is archived is not looked at',
    shownBy: 'applications and waves are made, found by filter, renamed, archived and deleted',
  },
  {
    question: 'Associating what is associated already',
    choice:
      'succeeds: the call may have been repeated. What is in another application or ' +
      'wave is a ConflictException, listed for each',
    shownBy: 'a source server is in one application at most, and all or none are moved',
  },
  {
    question: '`healthStatus` of applications and waves',
    choice:
      'ERROR with a stalled server or a data replication error, LAGGING with one in ' +
      'BACKLOG or RESCAN, else HEALTHY',
    shownBy: 'the status of a group is that of its servers',
  },
  {
    question: '`progressStatus`',
    choice:
      'COMPLETED when every server is cut over or archived, NOT_STARTED while none has ' +
      'sent a byte',
    shownBy: 'the status of a group is that of its servers',
  },
  {
    question: 'A connector too many, or one that servers still have',
    choice: 'ValidationException: these operations declare no conflict and no quota error',
    shownBy: 'the fifty-first connector is refused',
  },
  {
    question: 'What PutSourceServerAction fills in',
    choice: 'version `$DEFAULT`, active, 3600 s, need not succeed, category OTHER',
    shownBy: 'actions of a server are put, put again, listed and removed',
  },
  {
    question: "Which template's actions a new server takes over",
    choice: 'those of the newest template, but those for Windows',
    shownBy: 'a new server takes over the actions of the template, but those for Windows',
  },
  {
    question: "Deletion of a source server's own launch template",
    choice: 'refused with OperationNotPermitted, where MGN makes a new one with the defaults',
    shownBy: "a server's own launch template stays while the server does",
  },
  {
    question: 'Default Name tag of an instance',
    choice:
      "from the server's launch template, which has the server's tag Name, or its host " + 'name',
    shownBy: 'launch settings decide the type, the start and the tags',
  },
  {
    question: 'Instance type that the catalogue lacks',
    choice: 'refused when the launch template is made, and not at the launch',
    shownBy: 'versions build upon each other and are found by number, $Latest and $Default',
  },
  {
    question: 'An import with a wrong row',
    choice:
      'changes nothing and is FAILED, with every wrong row told; rows count from 1, ' +
      'which has the names',
    shownBy: 'a file with a wrong row changes nothing, and every wrong row is told',
  },
  {
    question: 'A row that fails while rows are carried out',
    choice: 'the others are done; the import is FAILED',
    shownBy: 'an import over the quota makes what fits, and tells the rows that do not',
  },
  {
    question: 'A server or application that an import names in another application or wave',
    choice: 'moves there',
    shownBy: 'a second import changes what is there, and counts what it changed',
  },
  {
    question: '`mgn:launch:instance-type` in an import',
    choice: 'turns right sizing off for the server',
    shownBy: 'a second import changes what is there, and counts what it changed',
  },
  {
    question: 'Columns that are unknown',
    choice: "an error when they begin with `mgn:`, else the operator's own",
    shownBy: 'a file that is no inventory is refused with what to do',
  },
  {
    question: 'What an export leaves out',
    choice: 'what is archived',
    shownBy: 'an export has every server, and groups without members',
  },
  {
    question: 'Quotas of source servers and jobs',
    choice:
      "MGN's: 150 that replicate (paused ones included), 4,000 not archived, 50,000 in all; `quotas` " +
      'in config.json raises them. 20 jobs, 200 servers in jobs: a ConflictException, as StartTest ' +
      'declares no quota error',
    shownBy: 'an import over the quota makes what fits, and tells the rows that do not',
  },
  {
    question: 'Unknown ID in ListImportErrors, ListExportErrors',
    choice: 'ValidationException: they declare no ResourceNotFoundException',
    shownBy: 'what does not exist is refused as the model says, by every operation that names it',
  },
  {
    question: 'Who may assume a role',
    choice:
      'every user whose policies allow sts:AssumeRole on it; sessions do not make ' + 'sessions',
    shownBy: 'temporary credentials do what their user, role and policies allow, and expire',
  },
  {
    question: 'Deletion of a server that is neither disconnected nor finalised',
    choice: 'refused with ConflictException',
    shownBy: 'only a finalised or disconnected server can be archived or deleted',
  },
  {
    question: 'Which instances take SSM commands',
    choice:
      'those whose agent has asked for commands and that are not terminated; of those ' +
      'that were stopped, the ones whose agent asks all the same. Others are ' +
      'InvalidInstanceId',
    shownBy: 'an instance that was launched stopped takes commands once it was started',
  },
  {
    question: 'PingStatus',
    choice:
      'Online for 2 minutes after the agent asked (it does every 20 s), ConnectionLost ' +
      'for a day, then Inactive. A terminated instance is not listed',
    shownBy: 'instances are found by tag, and shown with what their agent says',
  },
  {
    question: 'Agent killed, or instance rebooted, while a command runs',
    choice:
      'the script is ended, the invocation is Failed and says why, and the command is ' +
      'not run again. Exit status 194 is a failure like others, and reboots nothing',
    shownBy: 'a command whose agent was killed is told as interrupted, and ended',
  },
  {
    question: 'Command that was delivered and never told of again',
    choice:
      'TimedOut with ExecutionTimedOut, 10 minutes after ExpiresAfter: the agent may ' +
      'only have been out of reach',
    shownBy: 'nobody waits for ever: time-outs, silent agents, instances that are gone',
  },
  {
    question: 'Commands of an instance that is terminated',
    choice: 'Failed with Undeliverable. Its token is refused from then on',
    shownBy: 'nobody waits for ever: time-outs, silent agents, instances that are gone',
  },
  {
    question: 'Step of a command that fails',
    choice: 'the next steps are run and the command fails, unless `onFailure` says otherwise',
    shownBy: 'what a failed step does to the others is what it says',
  },
  {
    question: 'Status of a command that is Incomplete',
    choice: 'Failed',
    shownBy: 'commands are listed newest first, in pages, and by what became of them',
  },
  {
    question: 'Targets by tag in a policy',
    choice:
      'whoever sends them must be allowed SendCommand on `instance/*`: the search may ' +
      'find any',
    shownBy: 'who sends a command must be allowed its document and every instance it can reach',
  },
  {
    question: 'Network of a test instance',
    choice:
      'closed, whatever subnet the launch template names, until the server says ' +
      'otherwise (UpdateNetworkSettings): the source still runs, and is the same machine',
    shownBy:
      'a test instance is isolated unless somebody says otherwise; a cutover instance is not',
  },
  {
    question: 'Private IP address that the subnet does not have, with copyPrivateIp',
    choice: 'the launch fails before the conversion, and names the address and the network',
    shownBy: 'an address outside of the subnet fails the launch, and names both',
  },
  {
    question: 'Source servers with several network interfaces',
    choice:
      'the one with the default route becomes the one interface of the instance, with all ' +
      'of its IPv4 addresses if copyPrivateIp is on; the others are not attached',
    shownBy: 'the primary interface is carried over, by DHCP or with its addresses; others are not',
  },
  ...ACTION_CHOICES,
  ...IMAGE_CHOICES,
]
