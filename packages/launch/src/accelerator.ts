import { readFile, readdir } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { runProgram } from './run-program.ts'

export type Accelerator = 'kvm' | 'tcg'

export interface AcceleratorChoice {
  readonly accelerator: Accelerator
  /** A sentence for people: why it is this one. */
  readonly reason: string
}

export interface AcceleratorOptions {
  /** The operator's decision, `kvm` or `tcg`; anything else but undefined is refused. */
  readonly override?: string | undefined
  readonly signal?: AbortSignal
}

/** A kernel alone takes under 2 s with KVM; software emulation needs about 5 s when undisturbed. */
const KVM_PROBE_MS = 15_000

/** The kernel came through its start, up to where it misses a root filesystem. */
const KERNEL_STARTED = 'Unable to mount root fs'

/**
 * Whether instances can run on KVM here. Asks by booting a kernel, because nothing less is
 * evidence: a /dev/kvm that opens, makes machines and even runs firmware may still break every
 * guest. Takes up to 15 seconds, so callers keep the answer.
 */
export async function detectAccelerator(
  options: AcceleratorOptions = {},
): Promise<AcceleratorChoice> {
  const { override } = options
  if (override === 'kvm' || override === 'tcg') {
    return { accelerator: override, reason: `${override} was asked for` }
  }
  if (override !== undefined && override !== '') {
    throw new LandfallError('validation', `The accelerator is kvm or tcg, not "${override}".`)
  }
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8')
  if (!/^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo)) {
    return tcg('the processor offers no virtualisation (neither vmx nor svm)')
  }
  const kernel = await readableKernel()
  if (kernel === undefined) return tcg('no readable kernel in /boot to try KVM with')
  if (!(await bootsKernel({ kernel, accelerator: 'kvm', timeoutMs: KVM_PROBE_MS, ...options }))) {
    return tcg('a kernel does not boot under KVM here')
  }
  return { accelerator: 'kvm', reason: 'a kernel boots under KVM here' }
}

function tcg(cause: string): AcceleratorChoice {
  return { accelerator: 'tcg', reason: `software emulation: ${cause}` }
}

export interface KernelProbe {
  readonly kernel: string
  readonly accelerator: Accelerator
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** Boots a kernel without a disk and says whether it came through its start in time. */
export async function bootsKernel(probe: KernelProbe): Promise<boolean> {
  const deadline = AbortSignal.timeout(probe.timeoutMs)
  const signal = probe.signal === undefined ? deadline : AbortSignal.any([deadline, probe.signal])
  const cpu = probe.accelerator === 'kvm' ? 'host' : 'max'
  try {
    const serial = await runProgram(
      'qemu-system-x86_64',
      [
        '-machine',
        'pc',
        '-accel',
        probe.accelerator,
        '-cpu',
        cpu,
        '-m',
        '256',
        '-nodefaults',
        '-display',
        'none',
        '-serial',
        'stdio',
        '-no-reboot',
        '-kernel',
        probe.kernel,
        '-append',
        'console=ttyS0 panic=-1',
      ],
      { signal },
    )
    return serial.includes(KERNEL_STARTED)
  } catch {
    // Refused, crashed or hung: whatever the cause, guests do not run this way.
    probe.signal?.throwIfAborted()
    return false
  }
}

/** The newest kernel in /boot that we may read; Ubuntu keeps them from everybody but root. */
export async function readableKernel(): Promise<string | undefined> {
  const names = await readdir('/boot').catch(() => [])
  const kernels = names.filter((name) => name.startsWith('vmlinuz-')).toSorted()
  for (const name of kernels.toReversed()) {
    const path = `/boot/${name}`
    const magic = await readFile(path).then(
      (bytes) => bytes.toString('latin1', 0x202, 0x206),
      () => '',
    )
    if (magic === 'HdrS') return path
  }
  return undefined
}
