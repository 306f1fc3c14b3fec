import { type ErrorCode, LandfallError } from '@landfall/model'
import { XMLParser } from 'fast-xml-parser'
import type { Answer } from './exchange.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  UninitializedAccountException: 'uninitialized_account',
  ValidationException: 'validation',
  AccessDeniedException: 'access_denied',
  ResourceNotFoundException: 'not_found',
  ConflictException: 'conflict',
  ServiceQuotaExceededException: 'quota_exceeded',
  ThrottlingException: 'throttled',
  InternalServerException: 'internal',
}

/** For shapes without a row (signature errors, IAM's own): the status says enough. */
const CODES_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'validation',
  402: 'quota_exceeded',
  403: 'access_denied',
  404: 'not_found',
  409: 'conflict',
  429: 'throttled',
  503: 'unavailable',
}

/** The error an answer stands for: from `x-amzn-ErrorType` and JSON, or from IAM's XML. */
export function serviceError(answer: Answer): LandfallError {
  const type = String(answer.headers['x-amzn-errortype'] ?? '').split(':')[0] ?? ''
  const said = answer.body.trimStart().startsWith('<') ? fromXml(answer) : fromJson(answer)
  const code = CODES[type] ?? CODES_BY_STATUS[answer.status] ?? 'internal'
  const name = type || said.type
  const message = said.message || `The service answered with status ${answer.status}.`
  return new LandfallError(code, name ? `${message} (${name})` : message)
}

interface Said {
  readonly type: string
  readonly message: string
}

function fromJson(answer: Answer): Said {
  try {
    const body = JSON.parse(answer.body) as {
      message?: string
      fieldList?: { name: string; message: string }[]
      errors?: { message: string; resourceId?: string }[]
    }
    const fields = (body.fieldList ?? []).map((field) => `${field.name}: ${field.message}`)
    const errors = (body.errors ?? []).map((error) => `${error.resourceId}: ${error.message}`)
    return { type: '', message: [body.message ?? '', ...fields, ...errors].join('\n').trim() }
  } catch {
    return { type: '', message: '' } // Not JSON (a proxy's page, an empty body): the status stands.
  }
}

function fromXml(answer: Answer): Said {
  const parsed = new XMLParser({ parseTagValue: false }).parse(answer.body) as {
    ErrorResponse?: { Error?: { Code?: string; Message?: string } }
  }
  const error = parsed.ErrorResponse?.Error
  return { type: error?.Code ?? '', message: error?.Message ?? '' }
}
