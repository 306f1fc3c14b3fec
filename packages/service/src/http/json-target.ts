import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '@landfall/model'
import { SsmError } from '../ssm/ssm-error.ts'
import { AUTHENTICATION_PROBLEMS, AuthenticationError } from './authentication-error.ts'
import { maskedInput } from '../audit/masked-input.ts'
import {
  audit,
  authenticate,
  callContext,
  parseJsonBody,
  receivedRequest,
  type ServiceContext,
} from './call.ts'
import { TokenError } from '../pages.ts'
import { expectedFailure, INTERNAL_MESSAGE, RequestError, RequestTooLargeError } from './failure.ts'
import type { Operation } from './operation.ts'
import { authorize } from './principal.ts'
import { createInputReader } from './read-input.ts'
import { SSM_MODEL } from './service-model.ts'
import { shapeOutput } from './shape-output.ts'
import { ssmResources } from './ssm-resources.ts'

const CONTENT_TYPE = 'application/x-amz-json-1.1'

/** Answers a call of the JSON protocol, whose operation is in a header. */
export type JsonTarget = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Whether the request speaks the JSON protocol. */
export function hasTarget(request: FastifyRequest): boolean {
  return request.headers['x-amz-target'] !== undefined
}

/** SSM: `POST /` with `X-Amz-Target: AmazonSSM.…`, JSON both ways, times in seconds since 1970. */
export function jsonTarget(
  service: ServiceContext,
  operations: Readonly<Record<string, Operation>>,
): JsonTarget {
  const readers = new Map(
    Object.keys(operations).map((name) => {
      const input = SSM_MODEL.operations[name]?.input
      if (input === undefined) throw new Error(`SSM has no operation ${name}`)
      return [name, createInputReader(SSM_MODEL, input)]
    }),
  )
  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const principal = await authenticate(service, request, {
      regions: [service.account.region],
      service: SSM_MODEL.signingName,
    })
    const target = String(request.headers['x-amz-target'])
    const name = target.slice(target.indexOf('.') + 1)
    const [operation, readInput] = [operations[name], readers.get(name)]
    const isOurs = target === `${SSM_MODEL.targetPrefix}.${name}`
    if (!isOurs || operation === undefined || readInput === undefined) {
      throw new RequestError('unknownOperation', `Landfall does not support ${target}.`)
    }
    const wire = parseJsonBody(receivedRequest(request).body)
    const kept = maskedInput(SSM_MODEL, SSM_MODEL.operations[name]?.input ?? '', wire)
    const event = { request, principal, service: 'ssm', operation: name, input: kept }
    const output = await audit(service, event, async () => {
      for (const resource of ssmResources(name, wire, service.account)) {
        authorize(principal, { action: `ssm:${name}`, resource }, service.log)
      }
      return await operation(
        readInput(wire) as never,
        callContext(service, principal.caller, reply),
      )
    })
    const shape = SSM_MODEL.operations[name]?.output
    return shape === undefined ? {} : (shapeOutput(SSM_MODEL, shape, output) as object)
  }
  return async (request, reply) => {
    try {
      const output = await answer(request, reply)
      return reply.type(CONTENT_TYPE).send(JSON.stringify(output, secondsOfTimes))
    } catch (error) {
      const { status, code, message } = toJsonError(error)
      if (status >= 500) {
        service.log(
          `request ${request.id} ${String(request.headers['x-amz-target'])} failed: ${String(error)}`,
        )
      }
      return reply
        .code(status)
        .header('x-amzn-errortype', code)
        .type(CONTENT_TYPE)
        .send(JSON.stringify({ __type: code, message }))
    }
  }
}

/** `Date` has made itself text before a replacer sees it: the holder still has it. */
function secondsOfTimes(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const held = this[key]
  return held instanceof Date ? held.getTime() / 1000 : value
}

/** SSM's names and statuses for our codes, where an operation has no better one. */
const CODES: Readonly<Record<ErrorCode, { status: number; code: string }>> = {
  uninitialized_account: { status: 400, code: 'ValidationException' },
  validation: { status: 400, code: 'ValidationException' },
  access_denied: { status: 400, code: 'AccessDeniedException' },
  not_found: { status: 400, code: 'ValidationException' },
  conflict: { status: 400, code: 'ValidationException' },
  quota_exceeded: { status: 400, code: 'ServiceQuotaExceededException' },
  throttled: { status: 400, code: 'ThrottlingException' },
  unavailable: { status: 500, code: 'InternalServerError' },
  internal: { status: 500, code: 'InternalServerError' },
}

function toJsonError(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof AuthenticationError) {
    const { status, restJson } = AUTHENTICATION_PROBLEMS[error.problem]
    return { status, code: restJson, message: error.message }
  }
  if (error instanceof RequestTooLargeError) {
    return { status: 413, code: 'RequestEntityTooLargeException', message: error.message }
  }
  const failure = expectedFailure(error)
  if (failure === undefined) return { ...CODES.internal, message: INTERNAL_MESSAGE }
  const { code, message } = failure
  if (failure instanceof TokenError) return { status: 400, code: 'InvalidNextToken', message }
  if (failure instanceof SsmError) return { status: 400, code: failure.ssmCode, message }
  if (failure instanceof RequestError && failure.reason === 'unknownOperation') {
    return { status: 400, code: 'UnknownOperationException', message }
  }
  return { ...CODES[code], message }
}
