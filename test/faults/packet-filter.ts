import { run } from '../installation.ts'

/**
 * Source address of connections that a redirection lets pass: those of the proxy it leads to, which
 * would otherwise come back to itself.
 */
export const PROXY_SOURCE = '127.0.0.2'

/**
 * The network between agent and installation, all of it on the loopback device, broken by the
 * kernel's packet filter. Only packets of the installation's own ports are touched.
 */
export class PacketFilter {
  readonly #ports: readonly number[]
  readonly #undo: (readonly string[])[] = []

  /** The first port is the replication server's. */
  constructor(ports: readonly number[]) {
    this.#ports = ports
  }

  /** Silence: packets vanish both ways, and nobody is told. */
  async drop(which: 'replication' | 'all'): Promise<void> {
    for (const port of this.#portsOf(which)) {
      for (const end of ['--dport', '--sport']) {
        await this.#add(['INPUT', '-p', 'tcp', end, String(port), '-j', 'DROP'])
      }
    }
  }

  /** A cut: whoever sends is answered with a reset, connections that stand as well as new ones. */
  async reset(which: 'replication' | 'all'): Promise<void> {
    for (const port of this.#portsOf(which)) {
      for (const end of ['--dport', '--sport']) {
        // The resets themselves pass.
        const match = ['-p', 'tcp', end, String(port), '!', '--tcp-flags', 'RST', 'RST']
        await this.#add(['INPUT', ...match, '-j', 'REJECT', '--reject-with', 'tcp-reset'])
      }
    }
    await this.#endConnections(which)
  }

  /** New connections to the replication server come to this port instead; those that stand end. */
  async redirect(toPort: number): Promise<void> {
    const [port] = this.#ports
    const match = ['-p', 'tcp', '--dport', String(port), '!', '-s', PROXY_SOURCE]
    const target = ['-j', 'REDIRECT', '--to-ports', String(toPort)]
    await this.#add(['OUTPUT', '-t', 'nat', ...match, ...target])
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
    for (const rule of this.#undo.splice(0)) await run('iptables', ['-w', '-D', ...rule])
  }

  #portsOf(which: 'replication' | 'all'): readonly number[] {
    return which === 'all' ? this.#ports : this.#ports.slice(0, 1)
  }

  async #add(rule: readonly string[]): Promise<void> {
    await run('iptables', ['-w', '-I', ...rule])
    this.#undo.push(rule)
  }
}
