import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './api/api.ts'
import type { ApiOperation } from './api/api-operation.ts'
import { authenticate, receivedRequest, type ServiceContext } from './call.ts'
import { toEc2Error } from './ec2-error-answer.ts'
import { RequestError } from './failure.ts'
import { hasTarget, jsonTarget } from './json-target.ts'
import { toQueryError } from './query-error.ts'
import { readQueryInput } from './query-input.ts'
import { EC2_NAMES, QUERY_NAMES } from './query-names.ts'
import { toEc2Answer, toEc2ErrorBody, toQueryAnswer, toQueryErrorBody } from './query-output.ts'
import {
  EC2_MODEL,
  IAM_MODEL,
  STS_MODEL,
  type ModelOperation,
  type ServiceModel,
} from './service-model.ts'

/** IAM and STS have one endpoint in AWS, which lies in this region; clients sign for it. */
const GLOBAL_REGION = 'us-east-1'

/**
 * Routes what AWS has at `POST /`: IAM, STS and EC2 with a form that names the action, answered in
 * XML; SSM with a header that does.
 */
export function routeRoot(
  server: FastifyInstance,
  service: ServiceContext,
  api: Pick<Api, 'iam' | 'sts' | 'ec2' | 'ssm'>,
): void {
  const actions = new Map([...api.iam, ...api.sts, ...api.ec2])
  const answerTarget = jsonTarget(service, api.ssm)
  server.post('/', async (request, reply) => {
    if (hasTarget(request)) return await answerTarget(request, reply)
    const form = new URLSearchParams(Buffer.from(receivedRequest(request).body).toString('utf8'))
    const name = form.get('Action') ?? ''
    const action = actions.get(name)
    const model = action?.model ?? modelOf(name, request)
    try {
      return await answer(service, { request, reply, form, name, action })
    } catch (error) {
      const { status, body } = errorOf(error, { model, operation: action?.operation, request })
      if (status >= 500) throw error // Logged and answered as the server does for every protocol.
      return reply.code(status).type('text/xml').send(body)
    }
  })
}

async function answer(
  service: ServiceContext,
  call: {
    readonly request: FastifyRequest
    readonly reply: FastifyReply
    readonly form: URLSearchParams
    readonly name: string
    readonly action: ApiOperation | undefined
  },
): Promise<FastifyReply> {
  const { request, reply, form, name, action } = call
  const principal = await authenticate(service, request, {
    regions: [service.account.region, GLOBAL_REGION],
    service: (action?.model ?? modelOf(name, request)).signingName,
  })
  if (action === undefined) {
    throw new RequestError('unknownOperation', `Landfall does not support the action ${name}.`)
  }
  const { model, operation } = action
  const names = model === EC2_MODEL ? EC2_NAMES : QUERY_NAMES
  const wire =
    operation.input === undefined ? {} : readQueryInput(model, operation.input, form, names)
  const output = await action.run({ request, reply, principal, wire })
  const told = { model, action: name, operation, output, requestId: request.id }
  return reply.type('text/xml').send(model === EC2_MODEL ? toEc2Answer(told) : toQueryAnswer(told))
}

function errorOf(
  error: unknown,
  call: {
    readonly model: ServiceModel
    readonly operation: ModelOperation | undefined
    readonly request: FastifyRequest
  },
): { readonly status: number; readonly body: string } {
  const requestId = call.request.id
  if (call.model === EC2_MODEL) {
    const { status, ...told } = toEc2Error(error)
    return { status, body: toEc2ErrorBody({ ...told, requestId }) }
  }
  const { status, ...told } = toQueryError(error, call.operation)
  const { xmlNamespace: namespace } = call.model
  return { status, body: toQueryErrorBody({ ...told, namespace, senderFault: true, requestId }) }
}

const MODELS = [IAM_MODEL, STS_MODEL, EC2_MODEL]

/** The service whose operation it is; of what no model has, the one that the caller says. */
function modelOf(name: string, request: FastifyRequest): ServiceModel {
  const { authorization = '' } = request.headers
  return (
    MODELS.find((model) => Object.hasOwn(model.operations, name)) ??
    MODELS.find((model) => authorization.includes(`/${model.signingName}/aws4_request`)) ??
    IAM_MODEL
  )
}
