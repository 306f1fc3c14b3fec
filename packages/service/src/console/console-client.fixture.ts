import { send, type Answer } from '../http/test-client.ts'
import type { TestService } from '../http/test-service.ts'
import { CONSOLE_HEADER } from './same-origin.ts'

/** What the console's pages ask, as a browser does that keeps the cookie. */
export class ConsoleClient {
  readonly #service: Pick<TestService, 'url' | 'caFile'>
  #cookie: string | undefined

  constructor(service: Pick<TestService, 'url' | 'caFile'>) {
    this.#service = service
  }

  async signIn(credentials: object): Promise<Answer> {
    const answer = await this.send('POST', '/console/session', credentials)
    const [cookie] = [answer.headers['set-cookie'] ?? []].flat()
    if (answer.status === 200) this.#cookie = cookie?.split(';')[0]
    return answer
  }

  /** Of the session; empty before there is one. */
  get cookie(): string {
    return this.#cookie ?? ''
  }

  /** `service:Operation`, with its input. */
  async call(action: string, input: object = {}): Promise<Answer> {
    return await this.send('POST', `/console/api/${action.replace(':', '/')}`, input)
  }

  /** A file, as a browser sends one. */
  async upload(path: string, text: string): Promise<Answer> {
    const headers = {
      [CONSOLE_HEADER]: '1',
      'content-type': 'text/csv',
      cookie: this.#cookie ?? '',
    }
    return await send(this.#service, { method: 'PUT', path, headers, body: text })
  }

  async send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
    headers: Record<string, string> = { [CONSOLE_HEADER]: '1' },
  ): Promise<Answer> {
    return await send(this.#service, {
      method,
      path,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.#cookie !== undefined && { cookie: this.#cookie }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
}
