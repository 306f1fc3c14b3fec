import { readFile } from 'node:fs/promises'
import { run } from '../test/installation.ts'

/** What the shaper lets through at once; smaller than this it cannot keep such a rate. */
const BURST = '128kb'
/** How long a packet may wait in the shaper before it is dropped, as in a router. */
const QUEUE = '50ms'

/** Of the range for benchmarking networks (RFC 2544), which no network uses. */
const HERE = '198.18.61.1'
const THERE = '198.18.61.2'

/**
 * A network namespace behind a link of a limited rate both ways. Whoever runs in it reaches this
 * machine as `address`.
 */
export class ShapedLink implements AsyncDisposable {
  /** This machine, as seen from the namespace. */
  readonly address = HERE
  readonly #name: string

  private constructor(name: string) {
    this.#name = name
  }

  /** `mbps`: megabits (10^6) per second. */
  static async create(mbps: number): Promise<ShapedLink> {
    const name = `lfb${process.pid}`
    const [here, there] = [`${name}h`, `${name}n`]
    const link = new ShapedLink(name)
    await run('ip', ['netns', 'add', name])
    try {
      const peer = ['peer', 'name', there, 'netns', name]
      await run('ip', ['link', 'add', here, 'type', 'veth', ...peer])
      await run('ip', ['address', 'add', `${HERE}/30`, 'dev', here])
      await run('ip', ['link', 'set', here, 'up'])
      const inside = ['-n', name]
      await run('ip', [...inside, 'address', 'add', `${THERE}/30`, 'dev', there])
      await run('ip', [...inside, 'link', 'set', there, 'up'])
      // Packets as they would be on a wire: with their headers counted, not in bundles of 64 KiB.
      await run('ip', ['link', 'set', here, 'gso_max_segs', '1'])
      await run('ip', [...inside, 'link', 'set', there, 'gso_max_segs', '1'])
      const shape = ['root', 'tbf', 'rate', `${mbps}mbit`, 'burst', BURST, 'latency', QUEUE]
      await run('tc', ['qdisc', 'add', 'dev', here, ...shape])
      await run('tc', [...inside, 'qdisc', 'add', 'dev', there, ...shape])
    } catch (error) {
      await link[Symbol.asyncDispose]()
      throw error
    }
    return link
  }

  /** Path of the namespace, for nsenter: `ip netns exec` would hide tracefs. */
  get networkNamespace(): string {
    return `/run/netns/${this.#name}`
  }

  /** Runs `command` in the namespace. */
  within(command: readonly string[]): string[] {
    return ['nsenter', `--net=${this.networkNamespace}`, ...command]
  }

  /** Bytes that came out of the namespace so far, with all headers. */
  async bytesOut(): Promise<number> {
    const path = `/sys/class/net/${this.#name}h/statistics/rx_bytes`
    return Number(await readFile(path, 'utf8'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The pair of interfaces goes with the namespace that holds one of them.
    await run('ip', ['netns', 'delete', this.#name])
  }
}
