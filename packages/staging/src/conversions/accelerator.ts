import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'

/**
 * /dev/kvm may be there and not work, where the processor has no virtualisation: its flags tell.
 */
export async function accelerator(): Promise<'kvm' | 'tcg'> {
  const processors = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  if (!/^flags\s*:.*\b(vmx|svm)\b/m.test(processors)) return 'tcg'
  const usable = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  return usable ? 'kvm' : 'tcg'
}
