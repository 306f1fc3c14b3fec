import type { FastifyInstance } from 'fastify'
import { CONSOLE_HEADER } from '../packages/service/src/console/same-origin.ts'

export interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Somebody who uses the console: what they do is authorised and audited as from a browser. */
export class Operator {
  readonly #server: FastifyInstance
  readonly #key: Key
  readonly #address: string
  #cookie = ''

  constructor(server: FastifyInstance, key: Key, address: string) {
    this.#server = server
    this.#key = key
    this.#address = address
  }

  /** `service:Operation`, with its input. Throws what the service refuses it with. */
  async call<Output = object>(action: string, input: object = {}): Promise<Output> {
    const path = `/console/api/${action.replace(':', '/')}`
    let answer = await this.#post(path, input)
    // The first time, and whenever the story has gone on by more than a session lasts.
    if (/AuthenticationToken|ExpiredToken/.test(String(answer.headers['x-amzn-errortype']))) {
      await this.#signIn()
      answer = await this.#post(path, input)
    }
    if (answer.statusCode === 200) return answer.json<Output>()
    throw new Error(`${action} ${JSON.stringify(input)} was refused: ${answer.body}`)
  }

  async #signIn(): Promise<void> {
    const { accessKeyId, secretAccessKey } = this.#key
    const answer = await this.#post('/console/session', { accessKeyId, secretAccessKey })
    if (answer.statusCode !== 200) throw new Error(`Signing in was refused: ${answer.body}`)
    const [cookie] = [answer.headers['set-cookie'] ?? []].flat()
    this.#cookie = cookie?.split(';')[0] ?? ''
  }

  #post(url: string, body: object) {
    return this.#server.inject({
      method: 'POST',
      url,
      remoteAddress: this.#address,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        [CONSOLE_HEADER]: '1',
        cookie: this.#cookie,
      },
      payload: JSON.stringify(body),
    })
  }
}
