import { readFile } from 'node:fs/promises'
import { detectAccelerator, type Accelerator } from '@landfall/launch'
import { writeDurably } from './durable-file.ts'

interface Kept {
  readonly bootID: string
  readonly override: string
  readonly accelerator: Accelerator
}

/**
 * What instances run on here. Finding out boots a kernel, some 15 s where KVM is broken, so the
 * answer is kept in `file` until the machine boots anew.
 */
export async function keptAccelerator(
  file: string,
  options: { override: string | undefined; signal: AbortSignal; log: (message: string) => void },
): Promise<Accelerator> {
  const { override, signal, log } = options
  const bootID = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const kept = await readKept(file)
  if (kept?.bootID === bootID && kept.override === (override ?? '')) return kept.accelerator
  const { accelerator, reason } = await detectAccelerator({ override, signal })
  log(`instances run on ${accelerator}: ${reason}`)
  const keep: Kept = { bootID, override: override ?? '', accelerator }
  await writeDurably(file, JSON.stringify(keep), { mode: 0o644 })
  return accelerator
}

async function readKept(file: string): Promise<Kept | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Kept
  } catch {
    return undefined // Not there or not readable: found out again.
  }
}
