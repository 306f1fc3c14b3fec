import { XMLBuilder } from 'fast-xml-parser'
import { EC2_NAMES, QUERY_NAMES, type QueryNames } from './query-names.ts'
import { shapeOf, type ModelOperation, type ServiceModel } from './service-model.ts'

const builder = new XMLBuilder({ ignoreAttributes: false, suppressBooleanAttributes: false })

export interface QueryAnswer {
  readonly model: ServiceModel
  readonly action: string
  readonly operation: ModelOperation
  readonly output: object
  readonly requestId: string
}

/** An answer of IAM or STS: the result in a wrapper of its own. */
export function toQueryAnswer(answer: QueryAnswer): string {
  const { model, action, operation, output, requestId } = answer
  const result =
    operation.output === undefined || operation.resultWrapper === undefined
      ? {}
      : { [operation.resultWrapper]: toXml(model, operation.output, output, QUERY_NAMES) }
  return builder.build({
    [`${action}Response`]: {
      '@_xmlns': model.xmlNamespace,
      ...result,
      ResponseMetadata: { RequestId: requestId },
    },
  })
}

/** An answer of EC2; an operation without an output says that it was done. */
export function toEc2Answer(answer: QueryAnswer): string {
  const { model, action, operation, output, requestId } = answer
  const result =
    operation.output === undefined
      ? { return: true }
      : (toXml(model, operation.output, output, EC2_NAMES) as object)
  return builder.build({
    [`${action}Response`]: { '@_xmlns': model.xmlNamespace, requestId, ...result },
  })
}

/** Times are ISO 8601 to the second. Members that the model does not know are left out. */
function toXml(model: ServiceModel, shapeName: string, value: unknown, names: QueryNames): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.\d{3}/, '')
  if (typeof value !== 'object' || value === null) return value
  const shape = shapeOf(model, shapeName)
  if (Array.isArray(value)) {
    const member = shape.member!
    return {
      [names.outputItem(member)]: value.map((item) => toXml(model, member.shape, item, names)),
    }
  }
  const source = value as Record<string, unknown>
  const members = Object.entries(shape.members ?? {}).filter(([name]) => source[name] !== undefined)
  return Object.fromEntries(
    members.map(([name, member]) => [
      names.outputMember(name, member),
      toXml(model, member.shape, source[name], names),
    ]),
  )
}

/** An error of the query protocol. */
export function toQueryErrorBody(options: {
  namespace: string | undefined
  code: string
  message: string
  senderFault: boolean
  requestId: string
}): string {
  return builder.build({
    ErrorResponse: {
      '@_xmlns': options.namespace,
      Error: {
        Type: options.senderFault ? 'Sender' : 'Receiver',
        Code: options.code,
        Message: options.message,
      },
      RequestId: options.requestId,
    },
  })
}

/** An error of EC2. */
export function toEc2ErrorBody(error: {
  readonly code: string
  readonly message: string
  readonly requestId: string
}): string {
  const { code, message, requestId } = error
  return builder.build({
    Response: {
      Errors: { Error: { Code: code, Message: message } },
      RequestID: requestId,
    },
  })
}
