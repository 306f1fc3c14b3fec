import { aws } from './aws-cli.fixture.ts'
import type { AccessKey, ServiceClient, ServiceName } from './service-client.fixture.ts'
import type { TestService } from '../http/test-service.ts'

/** Debian's AWS command line, called with options as people write them. */
export class AwsCliClient implements ServiceClient {
  readonly #service: TestService
  readonly #key: AccessKey

  constructor(service: TestService, key: AccessKey) {
    this.#service = service
    this.#key = key
  }

  as(key: AccessKey): AwsCliClient {
    return new AwsCliClient(this.#service, key)
  }

  async call<Output>(service: ServiceName, operation: string, input: object): Promise<Output> {
    const options = Object.entries(input).flatMap(([name, value]) => option(name, value))
    return await aws<Output>(this.#service, [service, hyphenated(operation), ...options], this.#key)
  }
}

function option(name: string, value: unknown): string[] {
  const flag = hyphenated(name)
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`]
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return [`--${flag}`, ...value]
  }
  return [`--${flag}`, typeof value === 'string' ? value : JSON.stringify(value)]
}

/** `sourceServerIDs` is `source-server-ids` on the command line. */
function hyphenated(name: string): string {
  return name
    .replace(/IDs$/, 'Ids')
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
}
