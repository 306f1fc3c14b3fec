import { connect } from 'node:net'
import { failed, passed, type CheckResult } from './check.ts'

const NAME = 'Replication port'
const CONNECT_TIMEOUT_MS = 5000

/**
 * Tries every address of the staging area. One that answers is enough: a service announces all its
 * addresses, and not every network reaches each.
 */
export async function checkReplicationPort(options: {
  addresses: readonly string[]
  port: number
  timeoutMs?: number
}): Promise<CheckResult> {
  const { addresses, port, timeoutMs = CONNECT_TIMEOUT_MS } = options
  const attempts = await Promise.all(
    addresses.map(async (address) => ({
      address,
      failure: await tryConnect({ host: address, port, timeoutMs }),
    })),
  )
  const reached = attempts.filter(({ failure }) => failure === undefined)
  if (reached.length > 0) {
    return passed(NAME, reached.map(({ address }) => `${address}:${port}`).join(', '))
  }
  const tried = attempts.map(({ address, failure }) => `${address}:${port} ${failure}`).join('; ')
  return failed(
    NAME,
    `No address of the staging area can be reached by TCP: ${tried || 'the service named none'}. Let TCP ${port} through the firewalls between this machine and the staging area, and check that it runs (landfall status).`,
  )
}

/** Why there is no connection; undefined when there was one. */
function tryConnect(options: {
  host: string
  port: number
  timeoutMs: number
}): Promise<string | undefined> {
  const { host, port, timeoutMs } = options
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (failure?: string) => {
      socket.destroy()
      resolve(failure)
    }
    socket.setTimeout(timeoutMs, () => end('does not answer'))
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) => end(words(error.code)))
  })
}

function words(code: string | undefined): string {
  if (code === 'ECONNREFUSED') return 'refuses the connection'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'cannot be resolved'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'has no route to it'
  return `fails (${code ?? 'unknown'})`
}
