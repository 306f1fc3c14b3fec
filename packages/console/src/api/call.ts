/** The services whose operations the console calls, and Landfall's own. */
export type ServiceName = 'mgn' | 'ec2' | 'ssm' | 'iam' | 'sts' | 'landfall'

/** As policies name an operation: `mgn:StartTest`. */
export type Action = `${ServiceName}:${string}`

/** What is wrong with one field of an input, by its path there: `smallVolumeConf.iops`. */
export interface FieldError {
  readonly name: string
  readonly message: string
}

/** What the service said in the place of an answer. */
export class ApiError extends Error {
  /** HTTP's; 0: there was no answer. */
  readonly status: number
  /** The name of the exception: `ConflictException`. */
  readonly type: string
  /** Of a ValidationException: the fields at fault. */
  readonly fields: readonly FieldError[]

  constructor(
    message: string,
    { status, type, fields = [] }: { status: number; type: string; fields?: readonly FieldError[] },
  ) {
    super(message)
    this.fields = fields
    this.name = 'ApiError'
    this.status = status
    this.type = type
  }

  /** Nobody is signed in, or not any more. */
  get isSignedOut(): boolean {
    return (
      this.type === 'MissingAuthenticationTokenException' || this.type === 'ExpiredTokenException'
    )
  }
}

/** Says to the service that one of its own pages asks (the service's same-origin.ts). */
const OWN_PAGE = { 'x-landfall-console': '1' }

/** One operation's answer. Throws `ApiError`. */
export async function call<Output>(
  action: Action,
  input: object = {},
  signal?: AbortSignal,
): Promise<Output> {
  const path = `/console/api/${action.replace(':', '/')}`
  return await send<Output>('POST', path, { body: input, ...(signal && { signal }) })
}

interface SendOptions {
  /** Goes as JSON. */
  readonly body?: object
  /** Goes as it is. */
  readonly file?: File
  /** A file is answered with, which is a `Blob`. */
  readonly as?: 'file'
  readonly signal?: AbortSignal
}

/** The answer to any request to the service. Throws `ApiError`. */
export async function send<Output>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { body, file, as, signal }: SendOptions = {},
): Promise<Output> {
  const response = await fetch(path, {
    method,
    headers: {
      ...OWN_PAGE,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(file !== undefined && { 'content-type': 'text/csv' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(file !== undefined && { body: file }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new ApiError('The service does not answer. It may be starting; this page tries again.', {
      status: 0,
      type: 'NoAnswer',
    })
  })
  if (response.status === 204) return {} as Output
  if (as === 'file' && response.ok) return (await response.blob()) as Output
  const answer = (await response.json().catch(() => ({}))) as {
    message?: string
    fieldList?: readonly FieldError[]
  }
  if (response.ok) return answer as Output
  throw new ApiError(answer.message ?? `The service answered with status ${response.status}.`, {
    status: response.status,
    type: response.headers.get('x-amzn-errortype') ?? 'InternalServerException',
    ...(answer.fieldList && { fields: answer.fieldList }),
  })
}
