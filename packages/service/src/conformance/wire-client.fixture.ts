import {
  MODELS,
  type AccessKey,
  type ServiceClient,
  type ServiceName,
} from './service-client.fixture.ts'
import { send, signed, type Answer } from '../http/test-client.ts'
import type { TestService } from '../http/test-service.ts'
import { readOutput, readRefusal } from './wire-answer.fixture.ts'
import { wireCall } from './wire-call.fixture.ts'

type Target = Pick<TestService, 'url' | 'port' | 'caFile'>

/** Signed HTTPS and nothing between: what is sent and answered is as it is on the wire. */
export class WireClient implements ServiceClient {
  readonly #target: Target
  readonly #key: AccessKey

  constructor(target: Target, key: AccessKey) {
    this.#target = target
    this.#key = key
  }

  as(key: AccessKey): WireClient {
    return new WireClient(this.#target, key)
  }

  /** The answer, whatever it is. */
  async ask(service: ServiceName, operation: string, input: object): Promise<Answer> {
    const call = wireCall(service, operation, input)
    const signer = { port: this.#target.port, administrator: this.#key }
    const { signingName } = MODELS[service]
    return await send(this.#target, await signed(signer, call, { service: signingName }))
  }

  async call<Output>(service: ServiceName, operation: string, input: object): Promise<Output> {
    return outputOrRefusal(service, operation, await this.ask(service, operation, input)) as Output
  }
}

/** The output; throws an error with the code for its name when the call was refused. */
export function outputOrRefusal(service: ServiceName, operation: string, answer: Answer): object {
  if (answer.status < 300) return readOutput(service, operation, answer)
  const { code, message } = readRefusal(service, answer)
  throw Object.assign(new Error(message), { name: code })
}
