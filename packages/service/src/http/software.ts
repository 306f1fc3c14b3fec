import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'

/** Names of what can be fetched: plain files of one folder, nothing hidden. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/

/**
 * Serves the agent's installer from `folder`, to everyone: a source server fetches it before it has
 * credentials.
 */
export function routeSoftware(server: FastifyInstance, folder: string): void {
  server.get<{ Params: { name: string } }>('/latest/linux/:name', async (request, reply) => {
    const { name } = request.params
    const file = FILE_NAME.test(name) ? await openFile(path.join(folder, name)) : undefined
    if (file === undefined) return reply.code(404).type('text/plain').send('No such file\n')
    return reply
      .type(name.endsWith('.sha512') ? 'text/plain' : 'application/octet-stream')
      .header('content-length', file.size)
      .send(file.handle.createReadStream())
  })
}

async function openFile(file: string): Promise<{ handle: FileHandle; size: number } | undefined> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return undefined
  const status = await handle.stat()
  if (status.isFile()) return { handle, size: status.size }
  await handle.close()
  return undefined
}
