import { join } from 'node:path'
import {
  OUTPUT_CHARACTERS_MAX,
  STDERR_CHARACTERS_MAX,
  STDOUT_CHARACTERS_MAX,
  type InstanceCommand,
  type InstanceCommandResult,
  type InstanceStep,
  type InstanceStepResult,
} from '@landfall/model'
import { runScript } from './run-script.ts'

/**
 * Runs a command's steps in their order. After one that fails the next ones are run, unless it says
 * otherwise; the command has failed all the same.
 */
export async function runCommand(
  { commandID, steps }: InstanceCommand,
  options: { readonly folder: string; readonly instanceID: string; readonly signal: AbortSignal },
): Promise<InstanceCommandResult> {
  const results: InstanceStepResult[] = []
  const failures: InstanceStepResult[] = []
  let isOver = false
  for (const [index, step] of steps.entries()) {
    if (isOver && step.isFinally !== true) continue
    if (options.signal.aborted) return { commandID, status: 'Cancelled', steps: results }
    const result = step.isSkipped
      ? skipped(step)
      : await runScript({
          ...options,
          step,
          folder: join(options.folder, String(index)),
          ...roomAfter(results),
        })
    results.push(result)
    if (result.status === 'Success') continue
    if (result.status === 'Cancelled') return { commandID, status: 'Cancelled', steps: results }
    if (step.onFailure !== 'successAndExit') failures.push(result)
    isOver ||= step.onFailure !== undefined
  }
  const isLate = failures.every(({ status }) => status === 'TimedOut')
  const status = failures.length === 0 ? 'Success' : isLate ? 'TimedOut' : 'Failed'
  return { commandID, status, steps: results }
}

/** What of the next step's output can be kept. */
function roomAfter(results: readonly InstanceStepResult[]) {
  const used = results.reduce((sum, one) => sum + one.stdout.length + one.stderr.length, 0)
  const room = Math.max(0, OUTPUT_CHARACTERS_MAX - used - STDERR_CHARACTERS_MAX)
  return {
    stdoutMax: Math.min(STDOUT_CHARACTERS_MAX, room),
    stderrMax: Math.min(STDERR_CHARACTERS_MAX, Math.max(0, OUTPUT_CHARACTERS_MAX - used)),
  }
}

function skipped({ name }: InstanceStep): InstanceStepResult {
  const now = new Date().toISOString()
  return {
    name,
    status: 'Success',
    exitStatus: 0,
    startedAt: now,
    endedAt: now,
    stdout: 'Step execution skipped due to unsatisfied preconditions.',
    stderr: '',
  }
}
