import { run } from '../installation.ts'

/**
 * Source address of connections that a redirection lets pass: those of the proxy it leads to, which
 * would otherwise come back to itself.
 */
export const PROXY_SOURCE = '127.0.0.2'

/** The packet filters of IPv4 and IPv6: the agent tries every address that it was offered. */
const FILTERS = ['iptables', 'ip6tables'] as const

interface Rule {
  readonly filter: (typeof FILTERS)[number]
  readonly rule: readonly string[]
}

/**
 * The network between agent and installation, all of it on the loopback device, broken by the
 * kernel's packet filters. Only packets of the installation's own ports are touched.
 */
export class PacketFilter {
  readonly #ports: readonly number[]
  readonly #undo: Rule[] = []

  /** The first port is the replication server's. */
  constructor(ports: readonly number[]) {
    this.#ports = ports
  }

  /** Silence: packets vanish both ways, and nobody is told. */
  async drop(which: 'replication' | 'all'): Promise<void> {
    for (const port of this.#portsOf(which)) {
      for (const end of ['--dport', '--sport'] as const) {
        await this.#addToAll(['INPUT', '-p', 'tcp', end, String(port), '-j', 'DROP'])
      }
    }
  }

  /** A cut: whoever sends is answered with a reset, connections that stand as well as new ones. */
  async reset(which: 'replication' | 'all'): Promise<void> {
    for (const port of this.#portsOf(which)) {
      for (const end of ['--dport', '--sport'] as const) {
        await this.#addToAll(rejecting(end, port))
      }
    }
    await this.#endConnections(which)
  }

  /**
   * New connections to the replication server come to this port instead, all of them by IPv4; those
   * that stand end.
   */
  async redirect(toPort: number): Promise<void> {
    const [port = 0] = this.#ports
    const match = ['-p', 'tcp', '--dport', String(port), '!', '-s', PROXY_SOURCE]
    const target = ['-j', 'REDIRECT', '--to-ports', String(toPort)]
    await this.#add({ filter: 'iptables', rule: ['OUTPUT', '-t', 'nat', ...match, ...target] })
    await this.#add({ filter: 'ip6tables', rule: rejecting('--dport', port) })
    await this.#endConnections('replication')
  }

  /** Ends the agent's connections that stand, as if they were reset. */
  async #endConnections(which: 'replication' | 'all'): Promise<void> {
    for (const port of this.#portsOf(which)) {
      await run('ss', ['--kill', '-Htn', 'dport', '=', `:${port}`])
    }
  }

  /** The network is whole again. */
  async restore(): Promise<void> {
    for (const { filter, rule } of this.#undo.splice(0)) await run(filter, ['-w', '-D', ...rule])
  }

  #portsOf(which: 'replication' | 'all'): readonly number[] {
    return which === 'all' ? this.#ports : this.#ports.slice(0, 1)
  }

  async #addToAll(rule: readonly string[]): Promise<void> {
    for (const filter of FILTERS) await this.#add({ filter, rule })
  }

  async #add({ filter, rule }: Rule): Promise<void> {
    await run(filter, ['-w', '-I', ...rule])
    this.#undo.push({ filter, rule })
  }
}

/** Answers every packet with a reset; the resets themselves pass. */
function rejecting(end: '--dport' | '--sport', port: number): string[] {
  const match = ['-p', 'tcp', end, String(port), '!', '--tcp-flags', 'RST', 'RST']
  return ['INPUT', ...match, '-j', 'REJECT', '--reject-with', 'tcp-reset']
}
