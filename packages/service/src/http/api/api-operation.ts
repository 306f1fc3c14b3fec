import type { FastifyReply, FastifyRequest } from 'fastify'
import { maskedInput } from '../../audit/masked-input.ts'
import { audit, type ServiceContext } from '../call.ts'
import type { Principal } from '../principal.ts'
import { createInputReader } from '../read-input.ts'
import type { ModelOperation, ServiceModel } from '../service-model.ts'

/** A call of an operation of AWS's, as whichever protocol it came by has decoded it. */
export interface ApiCall {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly principal: Principal
  /** Its input, with the names of the model. Not checked yet. */
  readonly wire: Record<string, unknown>
}

/** An operation of one of AWS's models, the same behind every protocol. */
export interface ApiOperation {
  readonly model: ServiceModel
  readonly name: string
  readonly operation: ModelOperation
  /** Authorises the call, checks its input, runs it, and keeps it in the audit log. */
  readonly run: (call: ApiCall) => Promise<object>
}

/** By their names, those of one model. */
export type ApiOperations = ReadonlyMap<string, ApiOperation>

/** What is particular to an operation. */
export interface ApiRules {
  /** Throws `access_denied`. */
  readonly authorize: (call: ApiCall) => Promise<void> | void
  /** `read` checks the input by the model, and gives it. */
  readonly run: (call: ApiCall, read: () => object) => Promise<object>
}

/** Of what is given by name, operations of the model. Throws when it does not have one. */
export function apiOperations<Given>(
  service: ServiceContext,
  model: ServiceModel,
  given: Readonly<Record<string, Given>>,
  rulesOf: (name: string, one: Given) => ApiRules,
): ApiOperations {
  return new Map(
    Object.entries(given).map(([name, one]) => [
      name,
      apiOperation(service, { model, name, ...rulesOf(name, one) }),
    ]),
  )
}

function apiOperation(
  service: ServiceContext,
  options: ApiRules & { readonly model: ServiceModel; readonly name: string },
): ApiOperation {
  const { model, name, authorize, run } = options
  const operation = model.operations[name]
  if (operation === undefined) throw new Error(`${model.signingName} has no operation ${name}`)
  const { input } = operation
  const readInput = input === undefined ? () => ({}) : createInputReader(model, input)
  return {
    model,
    name,
    operation,
    async run(call) {
      const { request, principal, wire } = call
      const kept = input === undefined ? null : maskedInput(model, input, wire)
      const event = { request, principal, service: model.signingName, operation: name, input: kept }
      return await audit(service, event, async () => {
        await authorize(call)
        return await run(call, () => readInput(wire))
      })
    },
  }
}
