import { LandfallError, type ErrorCode } from '@landfall/model'

/** Why a call to the service did not get an answer, or got one that is an error. */
export type CallFailure =
  | 'dns'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'unknown_ca'
  | 'name_mismatch'
  | 'certificate_time'
  | 'not_tls'
  | 'broken'
  | 'answered'

/** A failed call. The message names the cause, the address and the remedy. */
export class ServiceCallError extends LandfallError {
  readonly failure: CallFailure
  /** `answered` only: HTTP status, and the error shape the service named. */
  readonly status: number | undefined
  readonly errorType: string | undefined

  constructor(options: {
    failure: CallFailure
    message: string
    code?: ErrorCode
    status?: number
    errorType?: string
    cause?: unknown
  }) {
    super(options.code ?? 'unavailable', options.message, { cause: options.cause })
    this.name = 'ServiceCallError'
    this.failure = options.failure
    this.status = options.status
    this.errorType = options.errorType
  }
}

/** Node's and OpenSSL's error codes, by what they mean to the person at the keyboard. */
const FAILURE_OF_CODE: Readonly<Record<string, CallFailure>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_ca',
  CERT_SIGNATURE_FAILURE: 'unknown_ca',
  CERT_UNTRUSTED: 'unknown_ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name_mismatch',
  CERT_HAS_EXPIRED: 'certificate_time',
  CERT_NOT_YET_VALID: 'certificate_time',
  EPROTO: 'not_tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_tls',
}

/** Turns what a socket threw into a sentence about `endpoint` with a remedy. */
export function transportFailure(error: unknown, endpoint: URL): ServiceCallError {
  const failure = failureOf(error)
  return new ServiceCallError({
    failure,
    message: sentence(failure, endpoint, error),
    cause: error,
  })
}

function failureOf(error: unknown): CallFailure {
  const code = codeOf(error)
  // Trying several addresses of one name fails with an aggregate: the first error speaks for all.
  if (error instanceof AggregateError && FAILURE_OF_CODE[code] === undefined) {
    return failureOf(error.errors[0])
  }
  return FAILURE_OF_CODE[code] ?? (code.startsWith('ERR_SSL_') ? 'not_tls' : 'broken')
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return ''
}

function sentence(failure: CallFailure, endpoint: URL, error: unknown): string {
  const { host, hostname } = endpoint
  const port = endpoint.port || '443'
  switch (failure) {
    case 'dns':
      return `The name ${hostname} cannot be resolved. Check --endpoint and this machine's DNS servers.`
    case 'refused':
      return `${host} refused the connection. Check that the service is running and that --endpoint names its port.`
    case 'timeout':
      return `${host} did not answer in time. Let TCP ${port} through the firewalls between this machine and the service.`
    case 'unreachable':
      return `There is no route to ${host}. Check this machine's network and --endpoint.`
    case 'unknown_ca':
      return `The certificate of ${host} is signed by an authority this machine does not know. Copy the service's ca/ca.crt here and pass it with --ca-file.`
    case 'name_mismatch':
      return `The certificate of ${host} is for other names (${hostname} is not among them). Use --endpoint with a name or address that the service has, or add this one to the service's addresses.`
    case 'certificate_time':
      return `The certificate of ${host} is not valid at this machine's time (${new Date().toISOString()}). Set the clock; when it is right, renew the service's certificate.`
    case 'not_tls':
      return `${host} does not speak TLS as expected. Check that --endpoint names the port of the service and that no proxy is in between.`
    case 'broken':
    case 'answered':
      return `The connection to ${host} broke: ${error instanceof Error ? error.message : String(error)}. Try again; if it stays, look for a proxy or firewall in between.`
  }
}
