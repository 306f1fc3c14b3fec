import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError, type VerificationReport } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import type { VerificationView } from './point-view.ts'

const POLL_MS = 1_000

/**
 * Compares a point (without an ID: the replica as it is) with the source by keyed hashes of both
 * sides, and returns what was found once the comparison has ended; `unavailable` when it cannot be
 * made.
 */
export async function verify(
  client: ServiceClient,
  request: { readonly sourceServerID: string; readonly pointID?: string },
  signal: AbortSignal,
): Promise<VerificationReport> {
  const { verificationID } = await client.landfall<{ verificationID: string }>(
    'StartVerification',
    request,
    signal,
  )
  for (;;) {
    const view = await client.landfall<VerificationView>(
      'DescribeVerification',
      { verificationID },
      signal,
    )
    if (view.report !== undefined && view.status === 'COMPLETED') return view.report
    if (view.status === 'FAILED') {
      throw new LandfallError(
        'unavailable',
        `${request.sourceServerID} could not be verified: ${view.error ?? 'no reason given'}.`,
      )
    }
    await sleep(POLL_MS, undefined, { signal })
  }
}

/** Bytes that differ although nobody wrote them: 0 in a replica without a defect. */
export function differentBytes(report: VerificationReport): number {
  return report.disks.reduce((sum, disk) => sum + disk.differentBytes, 0)
}
