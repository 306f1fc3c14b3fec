import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ApiOperation, ApiOperations } from './api/api-operation.ts'
import { runOwn } from './api/own.ts'
import {
  authenticate,
  callContext,
  parseJsonBody,
  receivedRequest,
  type ServiceContext,
} from './call.ts'
import type { Caller, Operation } from './operation.ts'
import type { Principal } from './principal.ts'
import { MGN_MODEL } from './service-model.ts'
import { shapeOutput } from './shape-output.ts'
import { readWireInput } from './wire-input.ts'

/** Routes MGN's public operations, as the model has them: methods, paths, checks, statuses. */
export function routeModel(
  server: FastifyInstance,
  service: ServiceContext,
  operations: ApiOperations,
): void {
  for (const api of operations.values()) {
    server.route({
      method: api.operation.http.method as 'GET' | 'POST' | 'DELETE',
      // A resource ARN has slashes, which clients encode, and people at a terminal do not.
      url: api.operation.http.requestUri.replace(/\{\w+\}$/, '*'),
      handler: modelHandler(service, api),
    })
  }
}

function modelHandler(
  service: ServiceContext,
  { model, operation, run }: ApiOperation,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const status = operation.http.responseCode ?? 200
  return async (request, reply) => {
    const principal = await authenticateCaller(service, request)
    const wire = readWireInput(model, operation, receivedRequest(request))
    const output = await run({ request, reply, principal, wire })
    if (status === 204) return reply.code(status).send()
    const shown = operation.output === undefined ? {} : shapeOutput(model, operation.output, output)
    return reply.code(status).type('application/json').send(JSON.stringify(shown))
  }
}

/**
 * Routes operations that the model does not have, all of them `POST {prefix}{name}` with a JSON
 * body. They check their input themselves.
 */
export function routeOwn(
  server: FastifyInstance,
  service: ServiceContext,
  options: {
    operations: Readonly<Record<string, Operation>>
    prefix: string
    /** Of the IAM action: `mgn` or `landfall`. */
    actionPrefix: string
    /** Operations that prove their caller by a token in the input, and by nothing else. */
    tokenAuthenticated: ReadonlySet<string>
  },
): void {
  const { actionPrefix: prefix, tokenAuthenticated } = options
  for (const [name, operation] of Object.entries(options.operations)) {
    server.post(`${options.prefix}${name}`, async (request, reply) => {
      const body = () => parseJsonBody(receivedRequest(request).body)
      if (tokenAuthenticated.has(name)) {
        const output = await operation(body() as never, callContext(service, ANONYMOUS, reply))
        return reply.type('application/json').send(JSON.stringify(output))
      }
      const principal = await authenticateCaller(service, request)
      const call = { request, reply, principal, wire: body() }
      const output = await runOwn(service, { name, prefix, operation }, call)
      return reply.type('application/json').send(JSON.stringify(output))
    })
  }
}

const ANONYMOUS: Caller = { kind: 'anonymous' }

function authenticateCaller(service: ServiceContext, request: FastifyRequest): Promise<Principal> {
  return authenticate(service, request, {
    regions: [service.account.region],
    service: MGN_MODEL.signingName,
  })
}
