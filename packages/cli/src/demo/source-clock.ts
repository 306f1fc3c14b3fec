import type { SourceMachine } from './source-machine.ts'

/**
 * By how much the source's clock is ahead of ours at most, in milliseconds. The source's time was
 * read between two readings of ours: it is compared with the earlier one.
 */
export async function clockLeadMax(source: SourceMachine, signal: AbortSignal): Promise<number> {
  const before = Date.now()
  const text = await source.run('date +%s%3N', { signal })
  return Number(text.trim()) - before
}
