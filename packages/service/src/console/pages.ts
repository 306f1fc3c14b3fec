import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What the pages may load and who may frame them: themselves, and nobody. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  // Charts and the screens of instances are drawn, and shown from memory.
  "img-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** Names of built files have a hash of what is in them: one of a name is always the same. */
const ASSET = /^assets\/[\w-][\w.-]{0,127}$/
const FOR_EVER = 'public, max-age=31536000, immutable'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

/**
 * Serves the console's files from `folder`, to everyone: there is nothing in them but the console.
 * Every path that is no file of it is one of its pages, which the browser tells apart.
 */
export function routePages(server: FastifyInstance, folder: string): void {
  for (const url of ['/', '/console']) server.get(url, (_, reply) => reply.redirect('/console/'))
  server.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
    const name = request.params['*']
    reply.headers(HEADERS)
    if (!name.startsWith('assets/')) {
      return await sendFile(
        request,
        reply.header('cache-control', 'no-cache'),
        folder,
        'index.html',
      )
    }
    if (!ASSET.test(name)) return reply.code(404).type('text/plain').send('No such file\n')
    return await sendFile(request, reply.header('cache-control', FOR_EVER), folder, name)
  })
}

/** Compressed, where the browser takes that: a build leaves a `.gz` beside each larger file. */
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
  name: string,
): Promise<FastifyReply> {
  const file = path.join(folder, name)
  reply.header('vary', 'accept-encoding')
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const compressed = takesGzip ? await contentOf(`${file}.gz`) : undefined
  const content = compressed ?? (await contentOf(file))
  if (content === undefined) {
    reply.header('cache-control', 'no-cache')
    return reply.code(404).type('text/plain').send('No such file\n')
  }
  if (compressed !== undefined) reply.header('content-encoding', 'gzip')
  return reply.type(TYPES[path.extname(name)] ?? 'application/octet-stream').send(content)
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  return await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
