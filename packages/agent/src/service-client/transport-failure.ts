import { LandfallError, type ErrorCode } from '@landfall/model'
import { proxyName } from './proxy.ts'

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
  | 'proxy'
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
  ERR_PROXY_TUNNEL: 'proxy',
}

/** How the endpoint is reached. */
export interface Way {
  readonly endpoint: URL
  readonly proxy?: URL | undefined
}

/** Turns what a socket threw into a sentence about the endpoint, or its proxy, with a remedy. */
export function transportFailure(error: unknown, way: Way): ServiceCallError {
  const failure = failureOf(error)
  return new ServiceCallError({
    failure,
    message:
      way.proxy === undefined
        ? sentence(failure, way.endpoint, error)
        : proxySentence(failure, { endpoint: way.endpoint, proxy: way.proxy }, error),
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
    case 'proxy':
    case 'answered':
      return `The connection to ${host} broke: ${error instanceof Error ? error.message : String(error)}. Try again; if it stays, look for a proxy or firewall in between.`
  }
}

/** With a proxy in between the machine itself resolves and reaches only the proxy. */
function proxySentence(
  failure: CallFailure,
  way: { endpoint: URL; proxy: URL },
  error: unknown,
): string {
  const proxy = proxyName(way.proxy)
  const { host, hostname } = way.endpoint
  const direct = `where ${host} is reached directly, put ${hostname} into no_proxy`
  switch (failure) {
    case 'dns':
      return `The name of the proxy ${proxy} cannot be resolved. Check https_proxy and this machine's DNS servers; ${direct}.`
    case 'refused':
      return `The proxy ${proxy} refused the connection. Check that it runs and that https_proxy names its port; ${direct}.`
    case 'unreachable':
      return `There is no route to the proxy ${proxy}. Check this machine's network and https_proxy; ${direct}.`
    case 'proxy':
      return tunnelSentence(proxy, way.endpoint, error)
    case 'timeout':
      return `${host} did not answer in time through the proxy ${proxy}. Check that the proxy runs and lets ${host} through; ${direct}.`
    case 'not_tls':
      return `There is no TLS with ${host} through the proxy ${proxy}. Check that https_proxy begins with http:// unless the proxy itself speaks TLS, that --endpoint names the port of the service, and that the proxy does not open TLS.`
    case 'unknown_ca':
    case 'name_mismatch':
    case 'certificate_time':
      return `${sentence(failure, way.endpoint, error)} The connection goes through the proxy ${proxy}, which must not open TLS.`
    case 'broken':
    case 'answered':
      return `${sentence('broken', way.endpoint, error)} The connection goes through the proxy ${proxy}.`
  }
}

/** What the proxy answered to CONNECT. */
function tunnelSentence(proxy: string, endpoint: URL, error: unknown): string {
  const { host, hostname } = endpoint
  const target = `${hostname}:${endpoint.port || '443'}`
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 0
  if (status === 407) {
    return `The proxy ${proxy} does not accept the user name and password, or wants some: https_proxy=http://USER:PASSWORD@HOST:PORT, special characters as %XX.`
  }
  if (status >= 500) {
    return `The proxy ${proxy} cannot reach ${host} (HTTP status ${status}). Check that the service is running, --endpoint, and the proxy's way to it; where ${host} is reached directly, put ${hostname} into no_proxy.`
  }
  const said = status === 0 ? 'closed the connection' : `answered HTTP status ${status}`
  return `The proxy ${proxy} does not let ${host} through: it ${said}. Allow CONNECT to ${target} there; where ${host} is reached directly, put ${hostname} into no_proxy.`
}
