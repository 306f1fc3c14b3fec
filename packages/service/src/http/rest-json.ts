import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { arnOf } from '@landfall/model'
import { requireInitialized } from '../identity/account.ts'
import { maskedInput, maskedOwnInput } from '../audit/masked-input.ts'
import {
  audit,
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
    const kept = maskedInput(MGN_MODEL, model.input!, wire)
    const call = { request, principal, service: SIGNING_NAME, operation: name, input: kept }
    const output = await audit(service, call, async () => {
      authorizeCall(service, principal, { action: `mgn:${name}`, input: wire })
      if (operation === undefined) {
        throw new RequestError('unknownOperation', notSupported(name, model))
      }
      if (model.errors.includes(NOT_INITIALIZED)) await requireInitialized(service.db)
      const input = readInput(wire)
      checkAccount(input, service.account.accountID)
      return await operation(input as never, callContext(service, principal.caller, reply))
    })
    if (status === 204) return reply.code(status).send()
    const shown = model.output === undefined ? {} : shapeOutput(MGN_MODEL, model.output, output)
    return reply.code(status).type('application/json').send(JSON.stringify(shown))
  }
}

function notSupported(name: string, { http }: ModelOperation): string {
  const isNetworks = http.requestUri.startsWith('/network-migration/')
  const why = isNetworks ? ': it migrates servers, and leaves networks as they are' : ''
  return `Landfall does not support ${name}${why}.`
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
    server.post(`${options.prefix}${name}`, async (request, reply) => {
      const run: RunOwn = (caller, input) =>
        operation(input as never, callContext(service, caller, reply))
      const output = options.tokenAuthenticated.has(name)
        ? await run(ANONYMOUS, readBody(request))
        : await runOwn(service, { request, name, prefix: options.actionPrefix }, run)
      return reply.type('application/json').send(JSON.stringify(output))
    })
  }
}

type RunOwn = (caller: Caller, input: Record<string, unknown>) => Promise<object>

/** Authorises an operation of ours, keeps what users change by it, and runs it. */
async function runOwn(
  service: ServiceContext,
  call: { readonly request: FastifyRequest; readonly name: string; readonly prefix: string },
  run: RunOwn,
): Promise<object> {
  const { request, name, prefix } = call
  const principal = await authenticateCaller(service, request)
  const input = readBody(request)
  const authorized = async () => {
    authorizeCall(service, principal, { action: `${prefix}:${name}`, input })
    checkAccount(input, service.account.accountID)
    return await run(principal.caller, input)
  }
  // What agents and replication servers tell all the time is no decision of anybody.
  const { kind } = principal.caller
  if (kind !== 'user' && kind !== 'role') return await authorized()
  const kept = prefix === SIGNING_NAME ? null : maskedOwnInput(input)
  const event = { request, principal, service: prefix, operation: name, input: kept }
  return await audit(service, event, authorized)
}

const ANONYMOUS: Caller = { kind: 'anonymous' }

function readBody(request: FastifyRequest): Record<string, unknown> {
  return parseJsonBody(receivedRequest(request).body)
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
