import { isIP } from 'node:net'
import tls from 'node:tls'
import { LandfallError } from '@landfall/model'

const CONNECT_MS_MAX = 10_000

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly keyPem: string
  readonly certificatePem: string
  readonly caPem: string
}

/** A TLS 1.3 connection, verified both ways. Throws a LandfallError that names the address. */
export async function connectTls(to: ServerAddress, signal: AbortSignal): Promise<tls.TLSSocket> {
  signal.throwIfAborted()
  const socket = tls.connect({
    host: to.host,
    port: to.port,
    key: to.keyPem,
    cert: to.certificatePem,
    ca: to.caPem,
    minVersion: 'TLSv1.3',
    ...(isIP(to.host) === 0 ? { servername: to.host } : {}),
  })
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS_MAX)])
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => reject(deadline.reason as Error)
  deadline.addEventListener('abort', onAbort)
  socket.once('secureConnect', resolve)
  socket.once('error', reject)
  try {
    await promise
    socket.setNoDelay(true)
    return socket
  } catch (cause) {
    socket.on('error', () => undefined)
    socket.destroy()
    const sentence =
      `No connection to the replication server at ${to.host}, TCP port ${to.port}: ` +
      'check that it runs and that no firewall is between'
    throw new LandfallError('unavailable', sentence, { cause })
  } finally {
    deadline.removeEventListener('abort', onAbort)
    socket.off('error', reject)
  }
}
