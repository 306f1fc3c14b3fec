import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { LandfallError } from '@landfall/model'
import { createApi } from './api/api.ts'
import type { Buckets } from '../buckets/buckets.ts'
import { routeInventoryFiles } from '../console/inventory-files.ts'
import { routePages } from '../console/pages.ts'
import { routeConsole } from '../console/routes.ts'
import { isScreenUpgrade, routeScreens, type ScreenOptions } from '../screens/screen-routes.ts'
import type { ServiceContext } from './call.ts'
import { expectedFailure, RequestError, RequestTooLargeError } from './failure.ts'
import { routeMetrics, type MetricsOptions } from './metrics.ts'
import type { OperationGroup } from './operation.ts'
import { routeRoot } from './query.ts'
import { toQueryError } from './query-error.ts'
import { toQueryErrorBody } from './query-output.ts'
import { routeModel, routeOwn } from './rest-json.ts'
import { toRestJsonError } from './rest-json-error.ts'
import { IAM_MODEL } from './service-model.ts'
import { routeSoftware } from './software.ts'

/**
 * Largest request body. The largest honest one is an agent's report of 50 disks or the result of a
 * verification, some tens of KiB.
 */
const BODY_BYTES_MAX = 1024 * 1024

/** A client that has not sent its request by then is dropped. */
const REQUEST_TIMEOUT_MS = 30_000
const HANDSHAKE_TIMEOUT_MS = 10_000

export interface ServerOptions extends ServiceContext {
  readonly operations: OperationGroup
  /** Those of `operations.forMgn` that anyone may call with the right token in the input. */
  readonly tokenAuthenticated: ReadonlySet<string>
  readonly tls: {
    readonly certificatePem: string
    readonly privateKeyPem: string
    /** Whose client certificates count. */
    readonly caCertificatePem: string
  }
  /** What `/latest/linux/` serves. */
  readonly softwareFolder: string
  /** Where files of the inventory are. */
  readonly buckets: Buckets
  /** The console's files. */
  readonly consoleFolder: string
  readonly screens: ScreenOptions
  readonly metrics: MetricsOptions
}

/** The service's HTTPS server, all protocols on one port. Not listening yet. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { tls, operations } = options
  const server = fastify({
    https: {
      cert: tls.certificatePem,
      key: tls.privateKeyPem,
      ca: tls.caCertificatePem,
      requestCert: true,
      // Operators have none; who presents one is looked at when they call.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      shouldUpgradeCallback: isScreenUpgrade,
    },
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 2048 },
    frameworkErrors: (error, request, reply) => void sendError(options, error, request, reply),
  }) as unknown as FastifyInstance
  // Signatures are over bytes: every body stays as it came.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-amzn-requestid', request.id)
  })
  server.setErrorHandler((error, request, reply) => sendError(options, error, request, reply))
  server.setNotFoundHandler((request, reply) => {
    const asked = `${request.method} ${request.url.split('?')[0]}`
    const error = new RequestError('unknownOperation', `There is no operation ${asked}.`)
    return sendError(options, error, request, reply)
  })
  server.get('/ping', async () => ({ status: 'ok' }))
  routeSoftware(server, options.softwareFolder)
  routeMetrics(server, options.metrics)
  const api = createApi(options, operations)
  routeRoot(server, options, api)
  routeModel(server, options, api.mgn)
  routePages(server, options.consoleFolder)
  routeInventoryFiles(server, options, options.buckets)
  routeConsole(server, options, { api, own: operations.landfall ?? {} })
  routeScreens(server, options, options.screens)
  routeOwn(server, options, {
    operations: operations.forMgn ?? {},
    prefix: '/',
    actionPrefix: 'mgn',
    tokenAuthenticated: options.tokenAuthenticated,
  })
  routeOwn(server, options, {
    operations: operations.landfall ?? {},
    prefix: '/landfall/',
    actionPrefix: 'landfall',
    tokenAuthenticated: new Set(),
  })
  return server
}

/** Fastify's codes for what a client sent wrongly. */
const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE'

/** Tells the client what it may know, in the protocol it speaks; the rest goes to the log. */
function sendError(
  service: ServiceContext,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = translate(thrown, service.stopping)
  const restJson = toRestJsonError(error)
  // An answer that nobody waits for any more is no news.
  if (restJson.status >= 500 && !reply.raw.destroyed) {
    const what = `${request.method} ${request.url.split('?')[0]}`
    service.log(`request ${request.id} ${what} failed: ${inspect(error)}`)
  }
  if (request.method === 'POST' && request.url.split('?')[0] === '/') {
    const { status, code, message } = toQueryError(error, undefined)
    const senderFault = status < 500
    const requestId = request.id
    const namespace = IAM_MODEL.xmlNamespace
    const body = toQueryErrorBody({ namespace, code, message, senderFault, requestId })
    return reply.code(status).type('text/xml').send(body)
  }
  if (restJson.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(restJson.retryAfterSeconds))
  }
  return reply
    .code(restJson.status)
    .header('x-amzn-errortype', restJson.type)
    .type('application/json')
    .send(JSON.stringify(restJson.body))
}

function translate(error: unknown, stopping: AbortSignal): unknown {
  if (stopping.aborted && expectedFailure(error) === undefined) {
    return new LandfallError('unavailable', 'The service is stopping. Try again.', { cause: error })
  }
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  if (code === TOO_LARGE) {
    return new RequestTooLargeError(`The request is larger than ${BODY_BYTES_MAX} bytes.`)
  }
  // The framework's other complaints (path, headers, length) are the client's fault as well.
  if (typeof code === 'string' && code.startsWith('FST_ERR') && Number(statusCode) < 500) {
    return new RequestError('cannotParse', (error as Error).message)
  }
  return error
}
