import type { RefusedError } from './session.ts'

/**
 * After the replica refused a write (its disk is full), writes rest for this, twice as long each
 * time.
 */
const REST_MS_MIN = 2000
const REST_MS_MAX = 60_000

/** Lets writes rest while the replica refuses them. */
export class RefusalRest {
  #refusal: RefusedError | undefined
  #untilMs = 0
  #nextMs = REST_MS_MIN

  /** Why writes rest; undefined once one was taken. */
  get refusal(): RefusedError | undefined {
    return this.#refusal
  }

  get isOn(): boolean {
    return performance.now() < this.#untilMs
  }

  /** How long the next rest takes. */
  get nextMs(): number {
    return this.#nextMs
  }

  /** Of several refusals during one rest only the first prolongs the next. */
  refused(refusal: RefusedError): void {
    this.#refusal = refusal
    if (this.isOn) return
    this.#untilMs = performance.now() + this.#nextMs
    this.#nextMs = Math.min(this.#nextMs * 2, REST_MS_MAX)
  }

  taken(): void {
    this.#refusal = undefined
    this.#nextMs = REST_MS_MIN
  }
}
