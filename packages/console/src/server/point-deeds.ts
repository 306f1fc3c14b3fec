import { type Action, call } from '../api/call.ts'
import type { Deed } from '../dialogs/confirm-dialog.tsx'

/** What can be done about a server's points. */
export type PointDeed = 'take' | 'verify' | 'delete'

interface PointOperation extends Deed {
  readonly permission: Action
}

export const POINT_DEEDS: Readonly<Record<PointDeed, PointOperation>> = {
  take: {
    permission: 'landfall:CreatePoint',
    text: 'Take point',
    effect:
      'The agent waits for a moment with little to send, holds the file systems still for some ' +
      'milliseconds, and all disks are kept as they are then.',
    undo: { possible: true, how: 'Delete the point. The point policy deletes it in time.' },
    verb: 'Take',
  },
  verify: {
    permission: 'landfall:StartVerification',
    text: 'Verify point',
    effect:
      'Source and point are compared by their hashes, all but what was written since. It reads ' +
      'the source’s disks once, at the pace of its agent.',
    undo: { possible: true, how: 'Nothing is changed; what differs is counted and sent again.' },
    verb: 'Verify',
  },
  delete: {
    permission: 'landfall:DeletePoint',
    text: 'Delete point',
    effect:
      'What only this point holds is merged into the one after it, while replication goes on. ' +
      'The newest point stays, and those that something uses.',
    undo: { possible: false, how: 'The other points stay as they are.' },
    verb: 'Delete',
  },
}

/** Begins to compare; the ID of the verification. */
export async function startVerification(sourceServerID: string, pointID: string): Promise<string> {
  const input = { sourceServerID, pointID }
  const answer = await call<{ verificationID: string }>('landfall:StartVerification', input)
  return answer.verificationID
}
