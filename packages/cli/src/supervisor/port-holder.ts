import { readFile, readdir, readlink } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A'

export interface PortHolder {
  readonly pid: number
  readonly command: string
}

/** Who listens on the TCP port; `'unknown'` when somebody does but may not be seen. */
export async function findPortHolder(port: number): Promise<PortHolder | 'unknown' | undefined> {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '') // No IPv6: no table.
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      const localPort = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)
      if (localPort === port && fields[3] === LISTEN) inodes.add(`socket:[${fields[9]}]`)
    }
  }
  if (inodes.size === 0) return undefined
  return (await findHolder(inodes)) ?? 'unknown'
}

/** Refuses (`conflict`), naming the port and who has it, when somebody listens there. */
export async function requireFreePort(port: number, flag: string): Promise<void> {
  const holder = await findPortHolder(port)
  if (holder === undefined) return
  const who = holder === 'unknown' ? 'another process' : `process ${holder.pid} (${holder.command})`
  throw new LandfallError(
    'conflict',
    `TCP port ${port} is taken by ${who}: end it, or choose another port with ${flag}.`,
  )
}

async function findHolder(sockets: ReadonlySet<string>): Promise<PortHolder | undefined> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const files = await readdir(`/proc/${name}/fd`).catch(() => []) // Gone, or not ours to see.
    for (const file of files) {
      const target = await readlink(`/proc/${name}/fd/${file}`).catch(() => '')
      if (!sockets.has(target)) continue
      const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(name), command: command.split('\0').join(' ').trim() }
    }
  }
  return undefined
}
