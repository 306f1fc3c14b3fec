import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { LandfallError } from '@landfall/model'
import type { Buckets, ObjectLocation } from '../buckets/buckets.ts'
import { audit, callContext, type ServiceContext } from '../http/call.ts'
import { authorize } from '../http/principal.ts'
import { requireSameOrigin } from './same-origin.ts'
import { principalOf, signedIn } from './signed-in.ts'

/** Some times what the greatest inventory has: 50,000 rows of a kilobyte. */
const FILE_BYTES_MAX = 128 * 1024 * 1024

/** As MGN names buckets and the files that it imports. */
const BUCKET = /^[\w.-]{1,255}$/
const KEY = /^[^\0/]{1,1020}\.csv$/

interface Upload {
  readonly Params: { readonly bucket: string; readonly key: string }
}

interface Download {
  readonly Params: { readonly exportID: string }
}

/**
 * Routes files between a browser and the buckets, which nothing else does: an inventory to be
 * imported comes as `PUT /console/files/imports/{bucket}/{key}`, for whoever may start imports, and
 * the file of an export goes as `GET /console/files/exports/{exportID}` to whoever may start those.
 */
export function routeInventoryFiles(
  server: FastifyInstance,
  service: ServiceContext,
  buckets: Buckets,
): void {
  server.get<Download>('/console/files/exports/:exportID', (request, reply) =>
    download({ service, buckets }, request, reply),
  )
  void server.register(async (scope) => {
    // Not read before it is known who sends it, and never whole in memory.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
    scope.put<Upload>('/console/files/imports/:bucket/:key', (request, reply) =>
      upload({ service, buckets }, request, reply),
    )
  })
}

interface World {
  readonly service: ServiceContext
  readonly buckets: Buckets
}

async function upload(
  { service, buckets }: World,
  request: FastifyRequest<Upload>,
  reply: FastifyReply,
): Promise<object> {
  requireSameOrigin(request)
  const principal = await principalOf(service, await signedIn(service, request))
  const { bucket, key } = request.params
  const input = { bucket, key }
  const call = { request, principal, service: 'landfall', operation: 'PutInventoryFile', input }
  await audit(service, call, async () => {
    authorize(principal, { action: 'mgn:StartImport', resource: '*' }, service.log)
    if (!BUCKET.test(bucket) || !KEY.test(key)) {
      const message = `${bucket}/${key} is no file to import: its name ends with .csv`
      throw new LandfallError('validation', message)
    }
    const { signal } = callContext(service, principal.caller, reply)
    const location: ObjectLocation = { bucket, key, owner: null }
    await buckets.put(location, textOf(request.body as Readable), signal)
  })
  return { s3Bucket: bucket, s3Key: key }
}

/** What is no UTF-8 in it is told by the import, with the row it is in. */
async function* textOf(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > FILE_BYTES_MAX) {
      const message = `The file is larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB: divide it.`
      throw new LandfallError('validation', message)
    }
    yield decoder.decode(part, { stream: true })
  }
  yield decoder.decode()
}

async function download(
  { service, buckets }: World,
  request: FastifyRequest<Download>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  requireSameOrigin(request)
  const principal = await principalOf(service, await signedIn(service, request))
  authorize(principal, { action: 'mgn:StartExport', resource: '*' }, service.log)
  const { exportID } = request.params
  const row = await service.db
    .selectFrom('exports')
    .select(['bucket', 'key', 'bucket_owner', 'status'])
    .where('export_id', '=', exportID)
    .executeTakeFirst()
  if (row?.status !== 'SUCCEEDED') {
    const what = row === undefined ? 'There is no export' : 'Nothing was written by export'
    throw new LandfallError('not_found', `${what} ${exportID}.`)
  }
  const { signal } = callContext(service, principal.caller, reply)
  const { bucket, key, bucket_owner: owner } = row
  const file = await buckets.open({ bucket, key, owner }, signal)
  return reply.type('text/csv; charset=utf-8').header('cache-control', 'no-store').send(file)
}
