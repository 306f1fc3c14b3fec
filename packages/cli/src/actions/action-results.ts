import { setTimeout as sleep } from 'node:timers/promises'
import { type ActionRunsView, type ActionRunView, LandfallError } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import { formatTable } from '../table.ts'

const POLL_MS = 2000

/**
 * Asks until no action waits or runs any more. `conflict`, naming them, when some have failed.
 */
export async function waitForActions(
  client: ServiceClient,
  sourceServerID: string,
  { signal, onLook }: { signal: AbortSignal; onLook: (runs: readonly ActionRunView[]) => void },
): Promise<ActionRunsView> {
  for (;;) {
    const view = await client.landfall<ActionRunsView>('ListActionRuns', { sourceServerID }, signal)
    onLook(view.runs)
    if (view.runs.every(({ state }) => state === 'SUCCEEDED' || state === 'FAILED')) return view
    await sleep(POLL_MS, undefined, { signal })
  }
}

export function refuseFailed({ runs, instanceID }: ActionRunsView): void {
  const failed = runs.filter(({ state }) => state === 'FAILED').map(({ actionID }) => actionID)
  if (failed.length === 0) return
  throw new LandfallError('conflict', `Failed on ${instanceID}: ${failed.join(', ')}`)
}

/** A table, and below it why actions failed; with `output`, all that they wrote. */
export function describeRuns(view: ActionRunsView, { output }: { output: boolean }): string {
  const { sourceServerID, instanceID, purpose, agentRemovedAt, runs } = view
  const kind = purpose === 'TEST' ? 'test' : 'cutover'
  const head = [`${sourceServerID}, ${kind} instance ${instanceID}`]
  if (agentRemovedAt !== undefined) head.push(`Its agent removed itself at ${agentRemovedAt}.`)
  if (runs.length === 0) return [...head, 'No actions were to run there.'].join('\n')
  const table = formatTable(
    ['ACTION', 'STATE', 'MUST SUCCEED', 'ATTEMPT', 'ENDED', 'COMMAND'],
    runs.map((run) => [
      run.actionID,
      run.state,
      run.mustSucceedForCutover ? 'yes' : 'no',
      String(run.attempt),
      run.endedAt ?? '-',
      run.commandID ?? '-',
    ]),
  )
  const details = runs.flatMap((run) => detailsOf(run, output))
  return [...head, table, ...details].join('\n')
}

function detailsOf(run: ActionRunView, output: boolean): string[] {
  const { actionID, failureReason, imageID, steps } = run
  const lines = failureReason === undefined ? [] : [`\n${actionID} failed: ${failureReason}`]
  if (imageID !== undefined) lines.push(`\n${actionID}: image ${imageID}`)
  if (!output) return lines
  if (lines.length === 0 && steps.length > 0) lines.push(`\n${actionID}`)
  for (const { name, exitStatus, stdout, stderr } of steps) {
    lines.push(`  step ${name}, exit status ${exitStatus}`)
    lines.push(...indented('stdout', stdout), ...indented('stderr', stderr))
  }
  return lines
}

function indented(stream: string, text: string): string[] {
  if (text === '') return []
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${stream} | ${line}`)
}
