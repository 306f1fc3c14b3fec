import { once } from 'node:events'
import { createServer } from 'node:net'

/** A TCP port nobody listens on now. Whoever takes it must be quick, or ready for a refusal. */
export async function freePort(): Promise<number> {
  await using server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP address')
  return address.port
}
