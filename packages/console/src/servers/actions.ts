import type { ServerAction } from '@landfall/model'
import { type Action, call } from '../api/call.ts'
import type { SourceServer } from '../api/source-server.ts'
import type { Deed } from '../dialogs/confirm-dialog.tsx'

/** Something an operator does to servers. */
export interface ServersAction extends Deed {
  /** What the service refuses by. */
  readonly event: ServerAction
  readonly permission: Action
  /** For all of them at once where the service does that: then all of them are done, or none. */
  readonly run:
    | { readonly kind: 'together'; readonly input: (ids: readonly string[]) => object }
    | { readonly kind: 'one by one'; readonly input: (id: string) => object }
}

const together = {
  kind: 'together',
  input: (ids: readonly string[]) => ({ sourceServerIDs: ids }),
} as const
const oneByOne = { kind: 'one by one', input: (id: string) => ({ sourceServerID: id }) } as const

function changeTo(state: string) {
  const input = (id: string) => ({ sourceServerID: id, lifeCycle: { state } })
  return { kind: 'one by one', input } as const
}

export interface ActionGroup {
  readonly id: string
  readonly text: string
  readonly actions: readonly ServersAction[]
}

/** In the order of a migration. */
export const ACTION_GROUPS: readonly ActionGroup[] = [
  {
    id: 'test-and-cutover',
    text: 'Test and cutover',
    actions: [
      {
        event: 'StartTest',
        permission: 'mgn:StartTest',
        text: 'Launch test instances',
        effect:
          'A fresh point is taken of each server, made bootable and launched, by default where it ' +
          'meets nobody. An earlier test instance is removed. The source goes on undisturbed.',
        undo: { possible: true, how: 'Terminate the test instance, or launch another.' },
        verb: 'Launch',
        run: together,
      },
      {
        event: 'MarkReadyForCutover',
        permission: 'mgn:ChangeServerLifeCycleState',
        text: 'Mark as “Ready for cutover”',
        effect: 'Testing is finished, or a cutover is reverted. The instance stays as it is.',
        undo: { possible: true, how: 'Revert to “Ready for testing”.' },
        verb: 'Mark',
        run: changeTo('READY_FOR_CUTOVER'),
      },
      {
        event: 'MarkReadyForTest',
        permission: 'mgn:ChangeServerLifeCycleState',
        text: 'Revert to “Ready for testing”',
        effect: 'The server is tested again. The instance stays as it is.',
        undo: { possible: true, how: 'Mark it as “Ready for cutover”.' },
        verb: 'Revert',
        run: changeTo('READY_FOR_TEST'),
      },
      {
        event: 'StartCutover',
        permission: 'mgn:StartCutover',
        text: 'Launch cutover instances',
        effect:
          'A fresh point is taken of each server and launched as its cutover instance; the test ' +
          'instance is removed. Stop what writes on the source before: what it writes later is not ' +
          'on the instance.',
        undo: {
          possible: true,
          how: 'Revert to “Ready for cutover”, until the cutover is finalised.',
        },
        verb: 'Launch',
        run: together,
      },
      {
        event: 'FinalizeCutover',
        permission: 'mgn:FinalizeCutover',
        text: 'Finalize cutover',
        effect:
          'Replication ends, the agent leaves the source, and the staging area’s data of the server ' +
          'is removed. The instance gets disks of its own.',
        undo: { possible: false, how: 'Its points are gone then.' },
        verb: 'Finalize',
        run: oneByOne,
      },
      {
        event: 'TerminateTargetInstances',
        permission: 'mgn:TerminateTargetInstances',
        text: 'Terminate launched instances',
        effect:
          'The launched instances are stopped and removed, with all that was written on them.',
        undo: {
          possible: false,
          how: 'Another can be launched; what was written on this one is lost.',
        },
        verb: 'Terminate',
        run: together,
      },
    ],
  },
  {
    id: 'replication',
    text: 'Replication',
    actions: [
      {
        event: 'StartReplication',
        permission: 'mgn:StartReplication',
        text: 'Start data replication',
        effect: 'The server is replicated from the beginning.',
        undo: { possible: true, how: 'Stop data replication.' },
        verb: 'Start',
        run: oneByOne,
      },
      {
        event: 'PauseReplication',
        permission: 'mgn:PauseReplication',
        text: 'Pause data replication',
        effect: 'The agent stops sending, and goes on keeping track of what changes.',
        undo: { possible: true, how: 'Resume data replication: nothing is sent twice.' },
        verb: 'Pause',
        run: oneByOne,
      },
      {
        event: 'ResumeReplication',
        permission: 'mgn:ResumeReplication',
        text: 'Resume data replication',
        effect: 'What changed meanwhile is sent.',
        undo: { possible: true, how: 'Pause data replication.' },
        verb: 'Resume',
        run: oneByOne,
      },
      {
        event: 'RetryDataReplication',
        permission: 'mgn:RetryDataReplication',
        text: 'Retry data replication',
        effect: 'What has stalled is tried at once instead of at the next attempt.',
        undo: { possible: true, how: 'There is nothing to undo.' },
        verb: 'Retry',
        run: oneByOne,
      },
      {
        event: 'StopReplication',
        permission: 'mgn:StopReplication',
        text: 'Stop data replication',
        effect: 'Replication ends, and the replica with all its points is removed.',
        undo: { possible: false, how: 'Starting it again replicates everything anew.' },
        verb: 'Stop',
        run: oneByOne,
      },
    ],
  },
  {
    id: 'servers',
    text: 'Actions',
    actions: [
      {
        event: 'MarkAsArchived',
        permission: 'mgn:MarkAsArchived',
        text: 'Mark as archived',
        effect: 'The server is shown among the archived ones only.',
        undo: { possible: false, how: 'Everything about it can still be seen.' },
        verb: 'Archive',
        run: oneByOne,
      },
      {
        event: 'DisconnectFromService',
        permission: 'mgn:DisconnectFromService',
        text: 'Disconnect from service',
        effect: 'Replication ends, the agent leaves the source, and the replica is removed.',
        undo: { possible: false, how: 'Installing the agent again starts from the beginning.' },
        verb: 'Disconnect',
        run: oneByOne,
      },
      {
        event: 'DeleteSourceServer',
        permission: 'mgn:DeleteSourceServer',
        text: 'Delete',
        effect: 'All that is known of the server is forgotten.',
        undo: { possible: false, how: 'Its history is gone then.' },
        verb: 'Delete',
        run: oneByOne,
      },
    ],
  },
]

/** The greatest number of servers that are chosen at once. */
export const SELECTION_MAX = 100

/** Does it to all of them. Rejects with the first failure, after all were tried. */
export async function runAction(
  { permission, run }: ServersAction,
  servers: readonly SourceServer[],
): Promise<void> {
  const ids = servers.map(({ sourceServerID }) => sourceServerID)
  if (run.kind === 'together') {
    await call(permission, run.input(ids))
    return
  }
  const results = await Promise.allSettled(ids.map((id) => call(permission, run.input(id))))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
