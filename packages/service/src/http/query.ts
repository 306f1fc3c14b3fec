import { LandfallError } from '@landfall/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Ec2Error } from '../ec2/ec2-error.ts'
import type { IdentityOperation } from '../identity/identity-operation.ts'
import { iamOperations, stsOperations } from '../identity/operations.ts'
import { identityResource } from '../identity/resources.ts'
import { maskedInput } from '../audit/masked-input.ts'
import { audit, authenticate, callContext, receivedRequest, type ServiceContext } from './call.ts'
import { toEc2Error } from './ec2-error-answer.ts'
import { ec2Resources } from './ec2-resources.ts'
import { RequestError } from './failure.ts'
import { hasTarget, jsonTarget } from './json-target.ts'
import type { Operation, OperationGroup } from './operation.ts'
import { authorize, type Principal } from './principal.ts'
import { toQueryError } from './query-error.ts'
import { readQueryInput } from './query-input.ts'
import { EC2_NAMES, QUERY_NAMES } from './query-names.ts'
import { toEc2Answer, toEc2ErrorBody, toQueryAnswer, toQueryErrorBody } from './query-output.ts'
import { createInputReader } from './read-input.ts'
import {
  EC2_MODEL,
  IAM_MODEL,
  STS_MODEL,
  type ModelOperation,
  type ServiceModel,
} from './service-model.ts'

/** What came in one call of a query protocol. */
interface QueryCall {
  readonly service: ServiceContext
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly form: URLSearchParams
}

/** Who calls, and what with: as it came, and as the model has it. */
interface Asked {
  readonly principal: Principal
  readonly wire: Record<string, unknown>
  readonly input: object
}

interface QueryAction {
  readonly model: ServiceModel
  readonly operation: ModelOperation
  readonly readInput: (input: unknown) => object
  /** Throws `access_denied`. */
  readonly authorize: (call: QueryCall, asked: Asked) => Promise<void> | void
  readonly run: (call: QueryCall, asked: Asked) => Promise<object>
}

/** IAM and STS have one endpoint in AWS, which lies in this region; clients sign for it. */
const GLOBAL_REGION = 'us-east-1'

/**
 * Routes what AWS has at `POST /`: IAM, STS and EC2 with a form that names the action, answered in
 * XML; SSM with a header that does.
 */
export function routeRoot(
  server: FastifyInstance,
  service: ServiceContext,
  operations: Pick<OperationGroup, 'ec2' | 'ssm'>,
): void {
  const actions = new Map([
    ...identityActions(IAM_MODEL, iamOperations),
    ...identityActions(STS_MODEL, stsOperations),
    ...ec2Actions(operations.ec2 ?? {}),
  ])
  const answerTarget = jsonTarget(service, operations.ssm ?? {})
  server.post('/', async (request, reply) => {
    if (hasTarget(request)) return await answerTarget(request, reply)
    const form = new URLSearchParams(Buffer.from(receivedRequest(request).body).toString('utf8'))
    const name = form.get('Action') ?? ''
    const action = actions.get(name)
    const model = action?.model ?? modelOf(name, request)
    try {
      return await answer({ service, request, reply, form }, name, action)
    } catch (error) {
      const { status, body } = errorOf(error, { model, operation: action?.operation, request })
      if (status >= 500) throw error // Logged and answered as the server does for every protocol.
      return reply.code(status).type('text/xml').send(body)
    }
  })
}

async function answer(
  call: QueryCall,
  name: string,
  action: QueryAction | undefined,
): Promise<FastifyReply> {
  const { service, request, reply, form } = call
  const { signingName } = action?.model ?? modelOf(name, request)
  const principal = await authenticate(service, request, {
    regions: [service.account.region, GLOBAL_REGION],
    service: signingName,
  })
  if (action === undefined) {
    throw new RequestError('unknownOperation', `Landfall does not support the action ${name}.`)
  }
  const { model, operation } = action
  const names = model === EC2_MODEL ? EC2_NAMES : QUERY_NAMES
  const wire =
    operation.input === undefined ? {} : readQueryInput(model, operation.input, form, names)
  const kept = operation.input === undefined ? null : maskedInput(model, operation.input, wire)
  const event = { request, principal, service: signingName, operation: name, input: kept }
  const output = await audit(service, event, async () => {
    await action.authorize(call, { principal, wire, input: wire })
    return await action.run(call, { principal, wire, input: action.readInput(wire) })
  })
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

/** Whoever has a key may ask who they are, and get a session that can do no more. */
const UNASKED = new Set(['GetCallerIdentity', 'GetSessionToken'])

function identityActions(
  model: ServiceModel,
  operations: Readonly<Record<string, IdentityOperation>>,
): [string, QueryAction][] {
  return Object.entries(operations).map(([name, run]) => {
    const action: QueryAction = {
      ...modelAction(model, name),
      async authorize({ service }, { principal, wire }) {
        if (UNASKED.has(name)) return
        const { caller, arn: callerArn } = principal
        if (model === IAM_MODEL && caller.kind === 'user' && caller.isTemporary) {
          const text = 'IAM cannot be called with a session of GetSessionToken.'
          throw new LandfallError('access_denied', text)
        }
        const { accountID } = service.account
        const call = { name, input: wire, accountID, callerArn }
        const asked = await identityResource(service.db, call)
        authorize(principal, { action: `${model.signingName}:${name}`, ...asked }, service.log)
      },
      run: ({ service }, { principal, input }) =>
        run(input as never, {
          db: service.db,
          secretBox: service.secretBox,
          accountID: service.account.accountID,
          caller: principal.caller,
          callerArn: principal.arn,
          callerID: principal.context['aws:userid'] ?? principal.arn,
          now: service.now(),
        }),
    }
    return [name, action]
  })
}

function ec2Actions(operations: Readonly<Record<string, Operation>>): [string, QueryAction][] {
  return Object.entries(operations).map(([name, run]) => {
    const action: QueryAction = {
      ...modelAction(EC2_MODEL, name),
      authorize({ service }, { principal, wire }) {
        // AWS has no permissions for single resources in what only describes.
        const arns = name.startsWith('Describe') ? ['*'] : ec2Resources(wire, service.account)
        for (const resource of arns) {
          authorize(principal, { action: `ec2:${name}`, resource }, service.log)
        }
      },
      run({ service, reply }, { principal, input }) {
        // Everything was checked that is checked before something is done.
        if ((input as { DryRun?: boolean }).DryRun === true) throw wouldHaveSucceeded()
        return run(input as never, callContext(service, principal.caller, reply))
      },
    }
    return [name, action]
  })
}

function wouldHaveSucceeded(): Ec2Error {
  const message = 'Request would have succeeded, but DryRun flag is set.'
  return new Ec2Error('DryRunOperation', message)
}

function modelAction(model: ServiceModel, name: string) {
  const operation = model.operations[name]
  if (operation === undefined) throw new Error(`${model.signingName} has no operation ${name}`)
  const readInput =
    operation.input === undefined ? () => ({}) : createInputReader(model, operation.input)
  return { model, operation, readInput }
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
