import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { TestContext } from 'node:test'
import * as ec2 from '@aws-sdk/client-ec2'
import * as iam from '@aws-sdk/client-iam'
import * as mgn from '@aws-sdk/client-mgn'
import * as ssm from '@aws-sdk/client-ssm'
import * as sts from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { HttpResponse } from '@smithy/protocol-http'
import type { AccessKey, ServiceClient, ServiceName } from './service-client.fixture.ts'
import type { Answer } from '../http/test-client.ts'
import { TEST_ACCOUNT, type TestService } from '../http/test-service.ts'

interface Client {
  send(command: object): Promise<object>
  destroy(): void
}

type Clients = Readonly<Record<ServiceName, Client>>

interface Config {
  readonly endpoint: string
  readonly credentials: AccessKey
  readonly requestHandler: object
}

function clientsWith({ endpoint, credentials, requestHandler }: Config): Clients {
  const config = {
    endpoint,
    region: TEST_ACCOUNT.region,
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler as NodeHttpHandler,
  }
  return {
    mgn: new mgn.MgnClient(config) as Client,
    iam: new iam.IAMClient(config) as Client,
    sts: new sts.STSClient(config) as Client,
    ec2: new ec2.EC2Client(config) as Client,
    ssm: new ssm.SSMClient(config) as Client,
  }
}

const EXPORTS: Readonly<Record<ServiceName, object>> = { mgn, iam, sts, ec2, ssm }

type Paginator = (
  config: { readonly client: Client; readonly pageSize: number },
  input: object,
) => AsyncIterable<{ readonly $metadata: object }>

type Waiter = (
  config: { readonly client: Client; readonly maxWaitTime: number },
  input: object,
) => Promise<{ readonly state: string }>

/** Long enough for whatever is so already, or is about to be. */
const WAIT_SECONDS_MAX = 30

async function sendCommand(
  clients: Clients,
  [service, operation, input]: readonly [ServiceName, string, object],
): Promise<object> {
  type Commands = Readonly<Record<string, new (input: object) => object>>
  const Command = (EXPORTS[service] as Commands)[`${operation}Command`]
  if (Command === undefined) throw new Error(`The SDK of ${service} has no ${operation}`)
  const { $metadata: _, ...output } = (await clients[service].send(new Command(input))) as {
    $metadata: object
  }
  return output
}

/** The AWS SDK's clients. */
export class SdkClient implements ServiceClient {
  readonly #config: Config
  readonly #clients: Clients

  private constructor(config: Config) {
    this.#config = config
    this.#clients = clientsWith(config)
  }

  static async of(t: TestContext, service: TestService): Promise<SdkClient> {
    const httpsAgent = new Agent({ ca: await readFile(service.caFile), keepAlive: true })
    t.after(() => httpsAgent.destroy())
    return new SdkClient({
      endpoint: service.url,
      credentials: service.administrator,
      requestHandler: new NodeHttpHandler({ httpsAgent }),
    })
  }

  as(credentials: AccessKey): SdkClient {
    return new SdkClient({ ...this.#config, credentials })
  }

  /** The SDK's own walk through a list; undefined where it has none. */
  paginator(service: ServiceName, operation: string) {
    const paginators = EXPORTS[service] as Readonly<Record<string, Paginator>>
    const paginate = paginators[`paginate${operation}`]
    const client = this.#clients[service]
    if (paginate === undefined) return undefined
    // It writes the size into the input.
    return (input: object, pageSize: number) => paginate({ client, pageSize }, { ...input })
  }

  /** Waits by one of the SDK's waiters: `InstanceStopped`. */
  async waitUntil(service: ServiceName, what: string, input: object): Promise<void> {
    const wait = (EXPORTS[service] as Readonly<Record<string, Waiter>>)[`waitUntil${what}`]
    if (wait === undefined) throw new Error(`The SDK of ${service} does not wait for ${what}`)
    const client = this.#clients[service]
    const { state } = await wait({ client, maxWaitTime: WAIT_SECONDS_MAX }, input)
    assert.equal(state, 'SUCCESS')
  }

  async call<Output>(service: ServiceName, operation: string, input: object): Promise<Output> {
    return (await sendCommand(this.#clients, [service, operation, input])) as Output
  }
}

/** What the SDK makes of an answer that was sent: the output, or the error it throws. */
export async function readBySdk(
  call: readonly [ServiceName, string, object],
  { status, headers, text }: Answer,
): Promise<object> {
  const response = new HttpResponse({
    statusCode: status,
    headers: headers as Record<string, string>,
    body: Buffer.from(text),
  })
  const clients = clientsWith({
    endpoint: 'https://127.0.0.1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
    requestHandler: { handle: async () => ({ response }) },
  })
  return await sendCommand(clients, call)
}
