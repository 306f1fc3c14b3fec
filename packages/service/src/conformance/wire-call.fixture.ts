import { MODELS, operationOf, type ServiceName } from './service-client.fixture.ts'
import { EC2_MODEL, MGN_MODEL, shapeOf, type ServiceModel } from '../http/service-model.ts'
import type { Call } from '../http/test-client.ts'

/** How a call travels, by the model alone and not by what reads it here. */
export function wireCall(service: ServiceName, operation: string, input: object): Call {
  switch (service) {
    case 'mgn':
      return restJsonCall(operation, input)
    case 'iam':
    case 'sts':
    case 'ec2':
      return formCall(service, operation, input)
    case 'ssm':
      return {
        path: '/',
        body: JSON.stringify(input),
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AmazonSSM.${operation}`,
        },
      }
  }
}

function restJsonCall(name: string, input: object): Call {
  const { http, input: shape } = operationOf('mgn', name)
  const { members = {} } = shapeOf(MGN_MODEL, shape!)
  const body: Record<string, unknown> = {}
  const query: string[] = []
  let path = http.requestUri
  for (const [key, value] of Object.entries(input) as [string, unknown][]) {
    const { location, locationName = key } = members[key] ?? {}
    if (location === 'uri') path = path.replace(`{${key}}`, encodeURIComponent(String(value)))
    else if (location !== 'querystring') body[key] = value
    else for (const one of [value].flat()) query.push(`${locationName}=${encode(one)}`)
  }
  return {
    method: http.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: { 'content-type': 'application/json' },
    ...(http.method === 'POST' && { body: JSON.stringify(body) }),
  }
}

const encode = (value: unknown) => encodeURIComponent(String(value))

function formCall(service: ServiceName, name: string, input: object): Call {
  const model = MODELS[service]
  const { input: shape } = operationOf(service, name)
  const members = shape === undefined ? [] : [...formMembers(model, shape, input, '')]
  const form = [['Action', name], ['Version', versionOf(model)], ...members] as [string, string][]
  return {
    path: '/',
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  }
}

/** The namespace ends in it. */
function versionOf({ xmlNamespace = '' }: ServiceModel): string {
  return /\d{4}-\d\d-\d\d/.exec(xmlNamespace)![0]
}

function* formMembers(
  model: ServiceModel,
  shapeName: string,
  value: unknown,
  at: string,
): Generator<[string, string]> {
  const shape = shapeOf(model, shapeName)
  const isEc2 = model === EC2_MODEL
  if (shape.type === 'list') {
    for (const [index, item] of (value as unknown[]).entries()) {
      const name = isEc2 ? `${at}.${index + 1}` : `${at}.member.${index + 1}`
      yield* formMembers(model, shape.member!.shape, item, name)
    }
  } else if (shape.type === 'structure') {
    for (const [key, member] of Object.entries(value as object) as [string, unknown][]) {
      const { shape: of, locationName = key } = shape.members![key]!
      const name = isEc2 ? locationName.replace(/^./, (first) => first.toUpperCase()) : key
      yield* formMembers(model, of, member, at === '' ? name : `${at}.${name}`)
    }
  } else yield [at, String(value)]
}
