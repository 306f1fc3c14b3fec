import { MemoryProvider, type ImageOptions } from '@landfall/launch'

/** Its copies end when they are told to. */
export class SlowProvider extends MemoryProvider {
  readonly begun: string[] = []
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>()

  override async createImage(instanceID: string, options: ImageOptions) {
    const { imageID, signal } = options
    const waiting = Promise.withResolvers<void>()
    this.#waiting.set(imageID, waiting)
    signal.addEventListener('abort', () => waiting.reject(signal.reason))
    this.begun.push(imageID)
    await waiting.promise
    return super.createImage(instanceID, options)
  }

  end(imageID: string): void {
    this.#waiting.get(imageID)?.resolve()
  }

  fail(imageID: string, error: Error): void {
    this.#waiting.get(imageID)?.reject(error)
  }
}
