import { XMLBuilder } from 'fast-xml-parser'
import { shapeOf, type ModelOperation, type ServiceModel } from './service-model.ts'

const builder = new XMLBuilder({ ignoreAttributes: false, suppressBooleanAttributes: false })

/** An answer of the query protocol: lists are `<member>`s, times ISO 8601. */
export function toQueryAnswer(
  model: ServiceModel,
  options: { action: string; operation: ModelOperation; output: object; requestId: string },
): string {
  const { action, operation, output, requestId } = options
  const result =
    operation.output === undefined || operation.resultWrapper === undefined
      ? {}
      : { [operation.resultWrapper]: toXml(model, operation.output, output) }
  return builder.build({
    [`${action}Response`]: {
      '@_xmlns': model.xmlNamespace,
      ...result,
      ResponseMetadata: { RequestId: requestId },
    },
  })
}

function toXml(model: ServiceModel, shapeName: string, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.\d{3}/, '')
  if (typeof value !== 'object' || value === null) return value
  const shape = shapeOf(model, shapeName)
  if (Array.isArray(value)) {
    return { member: value.map((item) => toXml(model, shape.member!.shape, item)) }
  }
  const source = value as Record<string, unknown>
  const members = Object.entries(shape.members ?? {}).filter(([name]) => source[name] !== undefined)
  return Object.fromEntries(
    members.map(([name, member]) => [name, toXml(model, member.shape, source[name])]),
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
