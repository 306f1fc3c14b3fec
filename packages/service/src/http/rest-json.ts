import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { arnOf } from '@landfall/model'
import { requireInitialized } from '../identity/account.ts'
import {
  authenticate,
  callContext,
  checkAccount,
  parseJsonBody,
  receivedRequest,
  type ServiceContext,
} from './call.ts'
import { RequestError } from './failure.ts'
import type { Caller, Operation, OperationGroup } from './operation.ts'
import { authorize, type Principal } from './principal.ts'
import { createInputReader } from './read-input.ts'
import { readWireInput } from './wire-input.ts'
import { resourcesOf } from './resources.ts'
import { MGN_MODEL, type ModelOperation } from './service-model.ts'
import { shapeOutput } from './shape-output.ts'

const SIGNING_NAME = MGN_MODEL.signingName
const NOT_INITIALIZED = 'UninitializedAccountException'

/** Routes MGN's public operations, as the model has them: methods, paths, checks, statuses. */
export function routeModel(
  server: FastifyInstance,
  service: ServiceContext,
  operations: NonNullable<OperationGroup['mgn']>,
): void {
  for (const name of Object.keys(operations)) {
    if (MGN_MODEL.operations[name] === undefined) throw new Error(`MGN has no operation ${name}`)
  }
  for (const [name, operation] of Object.entries(MGN_MODEL.operations)) {
    server.route({
      method: operation.http.method as 'GET' | 'POST' | 'DELETE',
      // A resource ARN has slashes, which clients encode, and people at a terminal do not.
      url: operation.http.requestUri.replace(/\{\w+\}$/, '*'),
      handler: modelHandler(service, name, operation, operations[name]),
    })
  }
}

function modelHandler(
  service: ServiceContext,
  name: string,
  model: ModelOperation,
  operation: Operation | undefined,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const readInput = createInputReader(MGN_MODEL, model.input!)
  const status = model.http.responseCode ?? 200
  return async (request, reply) => {
    const principal = await authenticateCaller(service, request)
    const wire = readWireInput(MGN_MODEL, model, receivedRequest(request))
    authorizeCall(service, principal, { action: `mgn:${name}`, input: wire })
    checkAccount(wire, service.account.accountID)
    if (operation === undefined) {
      throw new RequestError('unknownOperation', `Landfall does not support ${name}.`)
    }
    if (model.errors.includes(NOT_INITIALIZED)) await requireInitialized(service.db)
    const input = readInput(wire)
    const output = await operation(input as never, callContext(service, principal.caller, reply))
    if (status === 204) return reply.code(status).send()
    const shown = model.output === undefined ? {} : shapeOutput(MGN_MODEL, model.output, output)
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
  for (const [name, operation] of Object.entries(options.operations)) {
    const action = `${options.actionPrefix}:${name}`
    server.post(`${options.prefix}${name}`, async (request, reply) => {
      const { caller, input } = options.tokenAuthenticated.has(name)
        ? { caller: ANONYMOUS, input: readBody(request) }
        : await readAuthorized(service, request, action)
      const output = await operation(input as never, callContext(service, caller, reply))
      return reply.type('application/json').send(JSON.stringify(output))
    })
  }
}

const ANONYMOUS: Caller = { kind: 'anonymous' }

function readBody(request: FastifyRequest): Record<string, unknown> {
  return parseJsonBody(receivedRequest(request).body)
}

async function readAuthorized(
  service: ServiceContext,
  request: FastifyRequest,
  action: string,
): Promise<{ caller: Caller; input: Record<string, unknown> }> {
  const principal = await authenticateCaller(service, request)
  const input = readBody(request)
  authorizeCall(service, principal, { action, input })
  checkAccount(input, service.account.accountID)
  return { caller: principal.caller, input }
}

function authenticateCaller(service: ServiceContext, request: FastifyRequest): Promise<Principal> {
  return authenticate(service, request, {
    regions: [service.account.region],
    service: SIGNING_NAME,
  })
}

/**
 * Registration with tags is also a tagging: AWS asks for both, and says which call it is part of.
 */
const REGISTER = 'RegisterAgentForMgn'

function authorizeCall(
  service: ServiceContext,
  principal: Principal,
  call: { action: string; input: Readonly<Record<string, unknown>> },
): void {
  for (const resource of resourcesOf(call.input, principal, service.account)) {
    authorize(principal, { action: call.action, resource }, service.log)
  }
  const { tags } = call.input
  if (call.action !== `mgn:${REGISTER}` || typeof tags !== 'object' || tags === null) return
  if (Object.keys(tags).length === 0) return
  const resource = arnOf('sourceServer', '*', service.account)
  const context = { 'mgn:CreateAction': REGISTER }
  authorize(principal, { action: 'mgn:TagResource', resource, context }, service.log)
}
