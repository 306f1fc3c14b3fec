import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identityOperations, type IdentityOperation } from '../identity/operations.ts'
import { authenticate, receivedRequest, type ServiceContext } from './call.ts'
import { RequestError } from './failure.ts'
import { authorize } from './principal.ts'
import { toQueryError } from './query-error.ts'
import { readQueryInput } from './query-input.ts'
import { toQueryAnswer, toQueryErrorBody } from './query-output.ts'
import { createInputReader } from './read-input.ts'
import { IAM_MODEL, STS_MODEL, type ModelOperation, type ServiceModel } from './service-model.ts'

interface QueryAction {
  readonly name: string
  readonly model: ServiceModel
  readonly operation: ModelOperation
  readonly readInput: (input: unknown) => object
  readonly run: IdentityOperation
}

/** IAM and STS have one endpoint in AWS, which lies in this region; clients sign for it. */
const GLOBAL_REGION = 'us-east-1'

/** Routes IAM and STS: `POST /` with a form, answered in XML. */
export function routeQuery(server: FastifyInstance, service: ServiceContext): void {
  const actions = new Map(
    Object.entries(identityOperations).map(([name, run]) => [name, actionOf(name, run)]),
  )
  server.post('/', async (request, reply) => {
    const form = new URLSearchParams(Buffer.from(receivedRequest(request).body).toString('utf8'))
    const name = form.get('Action') ?? ''
    const action = actions.get(name)
    try {
      return await answer(service, { request, reply, form, name, action })
    } catch (error) {
      const { status, code, message } = toQueryError(error, action?.operation)
      if (status >= 500) throw error // Logged and answered as the server does for every protocol.
      const body = toQueryErrorBody({
        namespace: action?.model.xmlNamespace ?? IAM_MODEL.xmlNamespace,
        code,
        message,
        senderFault: true,
        requestId: request.id,
      })
      return reply.code(status).type('text/xml').send(body)
    }
  })
}

async function answer(
  service: ServiceContext,
  call: {
    request: FastifyRequest
    reply: FastifyReply
    form: URLSearchParams
    name: string
    action: QueryAction | undefined
  },
): Promise<FastifyReply> {
  const { request, reply, form, name, action } = call
  const signingName = (action?.model ?? modelOf(name)).signingName
  const principal = await authenticate(service, request, {
    regions: [service.account.region, GLOBAL_REGION],
    service: signingName,
  })
  if (action === undefined) {
    throw new RequestError('unknownOperation', `Landfall does not support the action ${name}.`)
  }
  const { model, operation } = action
  const wire = operation.input === undefined ? {} : readQueryInput(model, operation.input, form)
  // Everyone may ask who they are.
  if (model !== STS_MODEL) {
    const userName = typeof wire['UserName'] === 'string' ? wire['UserName'] : '*'
    const resource = `arn:aws:iam::${service.account.accountID}:user/${userName}`
    authorize(principal, { action: `iam:${name}`, resource }, service.log)
  }
  const output = await action.run(action.readInput(wire) as never, {
    db: service.db,
    secretBox: service.secretBox,
    accountID: service.account.accountID,
    caller: principal.caller,
    callerArn: principal.arn,
    callerID: principal.context['aws:userid'] ?? principal.arn,
    now: service.now(),
  })
  return reply
    .type('text/xml')
    .send(toQueryAnswer(model, { action: name, operation, output, requestId: request.id }))
}

function actionOf(name: string, run: IdentityOperation): QueryAction {
  const model = modelOf(name)
  const operation = model.operations[name]
  if (operation === undefined) throw new Error(`Neither IAM nor STS has an operation ${name}`)
  const readInput =
    operation.input === undefined ? () => ({}) : createInputReader(model, operation.input)
  return { name, model, operation, readInput, run }
}

function modelOf(name: string): ServiceModel {
  return Object.hasOwn(STS_MODEL.operations, name) ? STS_MODEL : IAM_MODEL
}
