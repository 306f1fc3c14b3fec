import { readdir, readFile } from 'node:fs/promises'

/** Command lines of all processes whose arguments hold `text`, sorted; arguments between spaces. */
export async function commandLinesWith(text: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || entry === String(process.pid)) continue
    // A process may end between the two calls: then it is none.
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(text)) found.push(line.replaceAll('\0', ' ').trim())
  }
  return found.toSorted()
}

/** Whether the process is there and not only waits for its parent. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return status !== '' && !/^State:\s+[ZX]/m.test(status)
}
