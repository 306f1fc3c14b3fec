import { LandfallError } from '@landfall/model'
import { ProgramFailed, runProgram } from '../run-program.ts'

/** A libvirt command other than a long copy answers within seconds; a hung libvirtd never does. */
const COMMAND_TIMEOUT_MS = 120_000

export interface VirshOptions {
  readonly signal?: AbortSignal | undefined
  readonly onLine?: (line: string) => void
  readonly timeoutMs?: number
}

/** Runs one virsh command. Failures are `unavailable` with libvirt's own words. */
export type Virsh = (args: readonly string[], options?: VirshOptions) => Promise<string>

/** virsh for a connection URI such as `qemu:///system`. */
export function virshAt(uri: string): Virsh {
  return async (args, options = {}) => {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? COMMAND_TIMEOUT_MS)
    const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
    try {
      return await runProgram('virsh', ['--quiet', '--connect', uri, ...args], {
        ...options,
        signal,
      })
    } catch (cause) {
      options.signal?.throwIfAborted()
      const words = cause instanceof ProgramFailed ? cause.stderr.trim() : String(cause)
      const message = `libvirt (${uri}) could not do "${args[0]}": ${words || 'no answer'}`
      throw new LandfallError('unavailable', message, { cause })
    }
  }
}
