import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type {
  AgentRegistered,
  AgentRegistration,
  CertificateIssued,
  CertificateRequest,
  InstallationAssets,
} from '@landfall/model'
import { HttpsTransport } from './https-transport.ts'
import { parseAnswer } from './service-answer.ts'

/** The name MGN's requests are signed for. */
const SIGNING_NAME = 'mgn'

/** The service answers these from its database; half a minute outlasts a busy one. */
const CALL_TIMEOUT_MS = 30_000

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface InstallerClientOptions {
  readonly endpoint: URL
  readonly region: string
  readonly credentials: Credentials
  readonly caPem?: string
  readonly proxy?: URL
}

/** The service as the installer sees it: each call signed with the installer's access key. */
export class InstallerClient {
  readonly #transport: HttpsTransport
  readonly #signer: SignatureV4
  /** Service's clock minus ours, so that a wrong clock is reported once and not as a bad key. */
  #clockOffsetMs = 0

  constructor(options: InstallerClientOptions) {
    this.#transport = new HttpsTransport({
      endpoint: options.endpoint,
      ...(options.caPem === undefined ? {} : { caPem: options.caPem }),
      ...(options.proxy && { proxy: options.proxy }),
    })
    this.#signer = new SignatureV4({
      service: SIGNING_NAME,
      region: options.region,
      credentials: options.credentials,
      sha256: Sha256,
    })
  }

  get endpoint(): URL {
    return this.#transport.endpoint
  }

  /** Absent: the service is reached directly. */
  get proxy(): URL | undefined {
    return this.#transport.proxy
  }

  /** Service's clock minus this machine's in milliseconds, as of the last `ping`. */
  get clockOffsetMs(): number {
    return this.#clockOffsetMs
  }

  /** Reaches the service without credentials and learns its clock. Throws a ServiceCallError. */
  async ping(timeoutMs = CALL_TIMEOUT_MS): Promise<void> {
    const answer = await this.#transport.send({
      method: 'GET',
      path: '/ping',
      headers: {},
      timeoutMs,
    })
    const date = Date.parse(answer.headers.date ?? '')
    if (!Number.isNaN(date)) this.#clockOffsetMs = date - Date.now()
  }

  async installationAssets(): Promise<InstallationAssets> {
    return (await this.#call('GetAgentInstallationAssetsForMgn', {})) as InstallationAssets
  }

  async register(registration: AgentRegistration): Promise<AgentRegistered> {
    return (await this.#call('RegisterAgentForMgn', registration)) as AgentRegistered
  }

  async issueCertificate(request: CertificateRequest): Promise<CertificateIssued> {
    return (await this.#call('IssueClientCertificateForMgn', request)) as CertificateIssued
  }

  close(): void {
    this.#transport.close()
  }

  async #call(action: string, input: object): Promise<object> {
    const { hostname, port, host } = this.endpoint
    const body = JSON.stringify(input)
    const signed = await this.#signer.sign(
      new HttpRequest({
        method: 'POST',
        protocol: 'https:',
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: `/${action}`,
        headers: { host, 'content-type': 'application/json' },
        body,
      }),
      { signingDate: new Date(Date.now() + this.#clockOffsetMs) },
    )
    const answer = await this.#transport.send({
      method: 'POST',
      path: `/${action}`,
      headers: signed.headers,
      body,
      timeoutMs: CALL_TIMEOUT_MS,
    })
    return parseAnswer(answer, action)
  }
}
