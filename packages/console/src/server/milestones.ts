import type { SourceServer } from '../api/source-server.ts'

export interface Milestone {
  readonly at: string
  readonly what: string
  readonly jobID?: string
}

/** What has happened to a server in its migration so far, the newest first. */
export function milestones({ lifeCycle }: Pick<SourceServer, 'lifeCycle'>): readonly Milestone[] {
  const { lastTest, lastCutover } = lifeCycle
  const all: readonly (Milestone | undefined)[] = [
    milestone('Added to the service', lifeCycle.addedToServiceDateTime),
    milestone('Data began to flow', lifeCycle.firstByteDateTime),
    launched('Last test instance was launched', lastTest.initiated),
    milestone('Testing was reverted', lastTest.reverted?.apiCallDateTime),
    milestone('Testing was completed', lastTest.finalized?.apiCallDateTime),
    launched('Last cutover instance was launched', lastCutover.initiated),
    milestone('Cutover was reverted', lastCutover.reverted?.apiCallDateTime),
    milestone('Cutover was finalized', lastCutover.finalized?.apiCallDateTime),
  ]
  return all
    .filter((one) => one !== undefined)
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

function milestone(what: string, at: string | undefined): Milestone | undefined {
  return at === undefined ? undefined : { at, what }
}

function launched(
  what: string,
  initiated: SourceServer['lifeCycle']['lastTest']['initiated'],
): Milestone | undefined {
  return initiated && { at: initiated.apiCallDateTime, what, jobID: initiated.jobID }
}
