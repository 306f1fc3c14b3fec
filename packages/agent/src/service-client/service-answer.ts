import type { ErrorCode } from '@landfall/model'
import type { TransportAnswer } from './https-transport.ts'
import { ServiceCallError } from './transport-failure.ts'

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'validation',
  401: 'access_denied',
  402: 'quota_exceeded',
  403: 'access_denied',
  404: 'not_found',
  409: 'conflict',
  429: 'throttled',
  500: 'internal',
}

/** The JSON of a good answer; throws a ServiceCallError for anything else. */
export function parseAnswer(answer: TransportAnswer, action: string): object {
  const value = parseObject(answer.body)
  if (answer.status >= 200 && answer.status < 300 && value !== undefined) return value
  const errorType = errorTypeOf(answer, value)
  const said = messageOf(value) ?? `HTTP status ${answer.status}`
  throw new ServiceCallError({
    failure: 'answered',
    status: answer.status,
    ...(errorType === undefined ? {} : { errorType }),
    code: CODE_OF_STATUS[answer.status] ?? 'unavailable',
    message: `${action}: ${errorType === undefined ? '' : `${errorType}: `}${said}`,
  })
}

function parseObject(body: string): Record<string, unknown> | undefined {
  if (body === '') return {}
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined // Not JSON, so not the service: the caller reports the status.
  }
}

/** The header is what AWS clients read; it may carry `:` and a namespace after the name. */
function errorTypeOf(answer: TransportAnswer, value?: Record<string, unknown>): string | undefined {
  const header = answer.headers['x-amzn-errortype']
  const type = typeof header === 'string' ? header : value?.['__type']
  return typeof type === 'string' ? type.split(':')[0]?.split('#').at(-1) : undefined
}

function messageOf(value?: Record<string, unknown>): string | undefined {
  const message = value?.['message'] ?? value?.['Message']
  return typeof message === 'string' ? message : undefined
}
