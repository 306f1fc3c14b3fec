import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { after, before } from 'node:test'
import { ensureLibvirt } from './daemons.ts'

/** Has libvirt run during the tests of a file. Returns where the PID files are. */
export function useLibvirt(): { readonly runDir: () => string } {
  let runDir = ''
  const undo = new AsyncDisposableStack()
  before(async () => {
    undo.defer(await takeTurn())
    runDir = await mkdtemp('/tmp/landfall-libvirt-')
    undo.defer(() => rm(runDir, { recursive: true }))
    const daemons = await ensureLibvirt({ runDir })
    undo.defer(() => daemons.stop())
  })
  after(() => undo.disposeAsync())
  return { runDir: () => runDir }
}

/**
 * The machine has one libvirt, and whoever started it stops it, under the hands of a file of tests
 * that runs beside it and found it running. So such files take turns, by a lock that ends with its
 * holder. Returns what gives the turn away.
 */
async function takeTurn(): Promise<() => Promise<void>> {
  const untilInputEnds = ['/tmp/landfall-libvirt-tests.lock', '-c', 'echo taken && exec cat']
  const holder = spawn('flock', untilInputEnds, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(holder, 'exit')
  const taken = await Promise.race([once(holder.stdout, 'data'), exit])
  if (typeof taken[0] === 'number') throw new Error(`flock ended with ${taken[0]}`)
  return async () => {
    holder.stdin.end()
    await exit
  }
}
