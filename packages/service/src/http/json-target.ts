import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '@landfall/model'
import { TokenError } from '../pages.ts'
import { SsmError } from '../ssm/ssm-error.ts'
import type { ApiOperations } from './api/api-operation.ts'
import { AUTHENTICATION_PROBLEMS, AuthenticationError } from './authentication-error.ts'
import { authenticate, parseJsonBody, receivedRequest, type ServiceContext } from './call.ts'
import { expectedFailure, INTERNAL_MESSAGE, RequestError, RequestTooLargeError } from './failure.ts'
import { SSM_MODEL } from './service-model.ts'
import { shapeOutput } from './shape-output.ts'

const CONTENT_TYPE = 'application/x-amz-json-1.1'

/** Answers a call of the JSON protocol, whose operation is in a header. */
export type JsonTarget = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Whether the request speaks the JSON protocol. */
export function hasTarget(request: FastifyRequest): boolean {
  return request.headers['x-amz-target'] !== undefined
}

/** SSM: `POST /` with `X-Amz-Target: AmazonSSM.…`, JSON both ways, times in seconds since 1970. */
export function jsonTarget(service: ServiceContext, operations: ApiOperations): JsonTarget {
  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    const principal = await authenticate(service, request, {
      regions: [service.account.region],
      service: SSM_MODEL.signingName,
    })
    const target = String(request.headers['x-amz-target'])
    const name = target.slice(target.indexOf('.') + 1)
    const api = operations.get(name)
    if (target !== `${SSM_MODEL.targetPrefix}.${name}` || api === undefined) {
      throw new RequestError('unknownOperation', `Landfall does not support ${target}.`)
    }
    const wire = parseJsonBody(receivedRequest(request).body)
    const output = await api.run({ request, reply, principal, wire })
    const { output: shape } = api.operation
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
