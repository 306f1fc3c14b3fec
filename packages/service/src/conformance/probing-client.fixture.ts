import type { AccessKey, ServiceClient, ServiceName } from './service-client.fixture.ts'
import type { Answer } from '../http/test-client.ts'
import type { WireClient } from './wire-client.fixture.ts'

/** A call that is not valid, and what is to be answered to it. */
export interface Probe {
  /** What is wrong: `DeleteJob.jobID`. */
  readonly what: string
  readonly input: object
  /** Fails when the answer is another. */
  readonly check: (answer: Answer) => void
}

export type ProbesOf = (service: ServiceName, operation: string, input: object) => Iterable<Probe>

/** Asks wrongly before it asks rightly, while all that is asked about is there. */
export class ProbingClient implements ServiceClient {
  readonly #wire: WireClient
  readonly #probesOf: ProbesOf
  readonly probed = new Set<string>()

  constructor(wire: WireClient, probesOf: ProbesOf) {
    this.#wire = wire
    this.#probesOf = probesOf
  }

  as(key: AccessKey): ServiceClient {
    return this.#wire.as(key)
  }

  async call<Output>(service: ServiceName, operation: string, input: object): Promise<Output> {
    for (const { what, input: wrong, check } of this.#probesOf(service, operation, input)) {
      if (this.probed.has(what)) continue
      this.probed.add(what)
      check(await this.#wire.ask(service, operation, wrong))
    }
    return await this.#wire.call(service, operation, input)
  }
}
