import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type {
  AgentPollAnswer,
  AgentRegistration,
  AgentReplicationReport,
  FirstBootReport,
  InstanceCommand,
  InstanceCommandResult,
  InstancePoll,
  InstancePollAnswer,
} from '@landfall/model'
import type { Seen } from '../guest/guest-watch.ts'
import { ServiceCallError } from './transport-failure.ts'

export const TEST_KEY = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }
export const TEST_SERVER_ID = 's-0123456789abcdef0'
export const TEST_REGION = 'lf-local-1'

/** What needs no client certificate: instances have none. */
const TOKEN_AUTHENTICATED = [
  'UpdateAgentConversionInfoForMgn',
  'GetInstanceCommandForMgn',
  'SendInstanceCommandResultForMgn',
]

/** What a handler refuses with: MGN's error shape. */
export class FakeRefusal extends Error {
  readonly status: number
  readonly type: string
  constructor(status: number, type: string, message: string) {
    super(message)
    this.status = status
    this.type = type
  }
}

/**
 * For tests: a service in this process that speaks TLS, verifies signatures and client
 * certificates, and answers the agent's actions. Its fields are what a test looks at and changes.
 */
export class FakeService {
  readonly folder: string
  readonly caPem: string
  readonly registrations: AgentRegistration[] = []
  readonly reports: AgentReplicationReport[] = []
  /** What the agent told of its server. */
  readonly guests: { readonly guest: Seen }[] = []
  readonly firstBoots: FirstBootReport[] = []
  /** What the instance is to run; those whose end was told are not told again. */
  readonly instanceCommands: InstanceCommand[] = []
  readonly instanceCancelled: string[] = []
  /** The agent in the instance is to remove itself. */
  isInstanceDone = false
  /** Names what the instance knows, as an answer may that was under way. */
  isInstanceAnswerStale = false
  readonly instancePolls: InstancePoll[] = []
  readonly instanceResults: InstanceCommandResult[] = []
  polls = 0
  clockOffsetMs = 0
  /** Actions that are refused, and with what. */
  readonly refusals = new Map<string, FakeRefusal>()
  answer: AgentPollAnswer
  #server: Server | undefined
  #port = 0

  private constructor(folder: string, caPem: string) {
    this.folder = folder
    this.caPem = caPem
    this.answer = {
      configuration: {
        desired: 'REPLICATING',
        replicationAddresses: ['127.0.0.1'],
        replicationPort: 1500,
        bandwidthThrottlingMbps: 0,
        connections: 5,
      },
      commands: [],
    }
  }

  static async start(t: TestContext): Promise<FakeService> {
    const folder = await mkdtemp(join(tmpdir(), 'landfall-fake-service-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    await makeCertificates(folder)
    const service = new FakeService(folder, await readFile(join(folder, 'ca.crt'), 'utf8'))
    await service.listen()
    t.after(() => service.close())
    return service
  }

  get endpoint(): string {
    return `https://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  get caFile(): string {
    return join(this.folder, 'ca.crt')
  }

  /** Listens, on the same port as before when it was closed. */
  async listen(): Promise<void> {
    this.#server = createServer({
      key: await readFile(join(this.folder, 'service.key')),
      cert: await readFile(join(this.folder, 'service.crt')),
      ca: this.caPem,
      requestCert: true,
      rejectUnauthorized: false,
    })
    this.#server.on('request', (request, response) => void this.#serve(request, response))
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.sendDate = false
    response.setHeader('date', new Date(Date.now() + this.clockOffsetMs).toUTCString())
    try {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
      const body = Buffer.concat(chunks).toString('utf8')
      const action = (request.url ?? '').slice(1)
      if (action === 'ping') return void response.end('{}')
      const answer = await this.#perform(action, body, request)
      response.end(JSON.stringify(answer))
    } catch (error) {
      const refusal =
        error instanceof FakeRefusal
          ? error
          : new FakeRefusal(500, 'InternalServerException', String(error))
      response.statusCode = refusal.status
      response.setHeader('x-amzn-errortype', refusal.type)
      response.end(JSON.stringify({ message: refusal.message }))
    }
  }

  async #perform(action: string, body: string, request: IncomingMessage): Promise<object> {
    const refusal = this.refusals.get(action)
    const input: unknown = JSON.parse(body)
    if (/^(GetAgentInstallationAssets|RegisterAgent|IssueClientCertificate)/.test(action)) {
      await this.#verifySignature(request, body)
    } else if (!TOKEN_AUTHENTICATED.includes(action)) {
      verifyCertificate(request)
    }
    if (refusal) throw refusal
    switch (action) {
      case 'GetAgentInstallationAssetsForMgn':
        return {
          agentVersion: '0.1.0',
          region: TEST_REGION,
          accountID: '123456789012',
          caCertificatePem: this.caPem,
          replicationAddresses: ['127.0.0.1'],
          // The check only wants something that accepts: this server does.
          replicationPort: this.#port,
          serviceTime: new Date(Date.now() + this.clockOffsetMs).toISOString(),
        }
      case 'RegisterAgentForMgn':
        this.registrations.push(input as AgentRegistration)
        return { sourceServerID: TEST_SERVER_ID, arn: `arn:aws:mgn:::${TEST_SERVER_ID}` }
      case 'IssueClientCertificateForMgn': {
        const { publicKeyPem } = input as { publicKeyPem: string }
        const certificatePem = await this.issueCertificate(publicKeyPem)
        return { certificatePem, caCertificatePem: this.caPem }
      }
      case 'GetAgentCommandForMgn':
        this.polls += 1
        return this.answer
      case 'UpdateAgentReplicationInfoForMgn':
        this.reports.push(input as AgentReplicationReport)
        return {}
      case 'UpdateAgentSourcePropertiesForMgn':
        this.guests.push(input as { guest: Seen })
        return {}
      case 'UpdateAgentConversionInfoForMgn':
        this.firstBoots.push(input as FirstBootReport)
        return {}
      case 'GetInstanceCommandForMgn':
        this.instancePolls.push(input as InstancePoll)
        return this.#instanceAnswer(input as InstancePoll)
      case 'SendInstanceCommandResultForMgn':
        this.instanceResults.push(input as InstanceCommandResult)
        return {}
      default:
        throw new FakeRefusal(404, 'ResourceNotFoundException', `no action ${action}`)
    }
  }

  /** What the instance does not know. */
  #instanceAnswer({ running, cancelling }: InstancePoll): InstancePollAnswer {
    const ended = this.instanceResults.map((result) => result.commandID)
    const isOpen = (commandID: string) => !ended.includes(commandID)
    const isKnown = (commandID: string, known: readonly string[]) =>
      known.includes(commandID) && !this.isInstanceAnswerStale
    return {
      commands: this.instanceCommands.filter(
        ({ commandID: id }) =>
          isOpen(id) && !isKnown(id, running) && !this.instanceCancelled.includes(id),
      ),
      cancelled: this.instanceCancelled.filter((id) => isOpen(id) && !isKnown(id, cancelling)),
      ...(this.isInstanceDone && { uninstall: true }),
    }
  }

  /** Signs what arrived once more with the key and compares. */
  async #verifySignature(request: IncomingMessage, body: string): Promise<void> {
    const authorization = request.headers.authorization ?? ''
    if (!authorization.includes(`Credential=${TEST_KEY.accessKeyId}/`)) {
      throw new FakeRefusal(403, 'UnrecognizedClientException', 'The security token is invalid.')
    }
    const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
    const headers = Object.fromEntries(
      names.map((name) => [name, String(request.headers[name] ?? '')]),
    )
    const stamp = headers['x-amz-date'] ?? ''
    const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const [hostname = '', port] = (headers['host'] ?? '').split(':')
    const signer = new SignatureV4({
      service: 'mgn',
      region: TEST_REGION,
      credentials: TEST_KEY,
      sha256: Sha256,
    })
    const signed = await signer.sign(
      new HttpRequest({
        method: 'POST',
        protocol: 'https:',
        hostname,
        port: Number(port),
        path: request.url ?? '',
        headers,
        body,
      }),
      { signingDate: new Date(iso) },
    )
    const late = Math.abs(Date.parse(iso) - Date.now() - this.clockOffsetMs) > 300_000
    if (late || signed.headers['authorization'] !== authorization) {
      throw new FakeRefusal(403, 'InvalidSignatureException', 'The signature does not match.')
    }
  }

  async issueCertificate(publicKeyPem: string, commonName = TEST_SERVER_ID): Promise<string> {
    const file = (name: string) => join(this.folder, name)
    await writeFile(file('agent.pub'), publicKeyPem)
    await openssl(
      ['req', '-new', '-key', file('ca.key'), '-subj', `/OU=agent/CN=${commonName}`],
      ['-out', file('agent.csr')],
    )
    return await openssl(
      ['x509', '-req', '-in', file('agent.csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key')],
      ['-force_pubkey', file('agent.pub'), '-days', '2', '-set_serial', '7'],
    )
  }
}

function verifyCertificate(request: IncomingMessage): void {
  const socket = request.socket as TLSSocket
  const name = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined
  if (name !== TEST_SERVER_ID) {
    throw new FakeRefusal(403, 'AccessDeniedException', 'A client certificate is needed.')
  }
}

async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string) => join(folder, name)
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await openssl(
    ['req', '-x509', ...curve, '-subj', '/CN=Landfall test CA'],
    ['-keyout', file('ca.key'), '-out', file('ca.crt')],
  )
  await openssl(
    ['req', '-x509', ...curve, '-subj', '/CN=service'],
    ['-CA', file('ca.crt'), '-CAkey', file('ca.key')],
    ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE'],
    ['-keyout', file('service.key'), '-out', file('service.crt')],
  )
}

async function openssl(...argumentGroups: string[][]): Promise<string> {
  return (await promisify(execFile)('openssl', argumentGroups.flat())).stdout
}

/** The error a call to the service failed with. */
export async function failureOf(call: Promise<unknown>): Promise<ServiceCallError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ServiceCallError, String(error))
  return error
}
