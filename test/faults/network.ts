import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { freePort } from '../installation.ts'
import type { Fault, FaultContext } from './fault.ts'
import { selfSigned } from './openssl.ts'
import { Proxy, type Tamper } from './proxy.ts'
import type { Random } from './random.ts'
import { eventually } from '../eventually.ts'

const PARTITION_MS = 30_000
/** A dead peer is found out within 30 s of silence, and told after 5 s without a connection. */
const SILENCE_SHOWN_MS_MAX = 60_000
const HARMED_CONNECTIONS = 4
/** Bytes of a connection that pass unharmed: beyond the handshake, and soon under load. */
const UNHARMED_BYTES_MIN = 16 * 1024
const UNHARMED_BYTES_MAX = 512 * 1024
const HARM_MS_MAX = 90_000

export const NETWORK: readonly Fault[] = [
  { name: 'network cut', on: 'standing', cause: cut },
  { name: 'network partition of 30 s', on: 'standing', cause: partition },
  { name: 'silence: packets vanish both ways', on: 'standing', cause: silence },
  {
    name: 'connections reset in the middle of a frame',
    on: 'standing',
    cause: (context) => harmed(context, () => undefined),
  },
  {
    name: 'bytes on the line corrupted',
    on: 'standing',
    cause: (context) => harmed(context, corrupt),
  },
  { name: 'bytes on the line lost', on: 'standing', cause: (context) => harmed(context, () => []) },
  {
    name: 'bytes on the line duplicated',
    on: 'standing',
    cause: (context) => harmed(context, (chunk) => [chunk, chunk]),
  },
  {
    name: 'bytes on the line reordered',
    on: 'standing',
    cause: (context) => harmed(context, swap),
  },
  {
    name: 'a replication server of another authority',
    on: 'standing',
    cause: strangeServer,
  },
]

async function cut({ stand, site, random }: FaultContext): Promise<string> {
  site.startLoad()
  const afterMs = random.below(2000)
  const lastsMs = 2000 + random.below(6000)
  await sleep(afterMs)
  await stand.network.reset('all')
  await sleep(lastsMs)
  await stand.network.restore()
  await sleep(1000)
  await site.stopLoad()
  return `every packet answered by a reset for ${lastsMs} ms, ${afterMs} ms into a load`
}

async function partition({ stand, site, random }: FaultContext): Promise<string> {
  site.startLoad()
  const afterMs = random.below(2000)
  await sleep(afterMs)
  await stand.network.drop('all')
  await sleep(PARTITION_MS)
  await stand.network.restore()
  await site.stopLoad()
  return `nothing passed to service and replication server for 30 s, ${afterMs} ms into a load`
}

async function silence({ stand, site, random }: FaultContext): Promise<string> {
  site.startLoad()
  const afterMs = random.below(2000)
  await sleep(afterMs)
  await stand.network.drop('replication')
  const startedMs = performance.now()
  const why = await site.untilStalled('UNSTABLE_NETWORK', SILENCE_SHOWN_MS_MAX)
  const shownMs = Math.round(performance.now() - startedMs)
  await stand.network.restore()
  await site.stopLoad()
  return `${afterMs} ms into a load; STALLED UNSTABLE_NETWORK after ${shownMs} ms: ${why}`
}

type Harm = (chunk: Buffer, random: Random) => readonly Buffer[] | undefined

function corrupt(chunk: Buffer, random: Random): readonly Buffer[] {
  const broken = Buffer.from(chunk)
  const at = random.below(broken.length)
  broken[at] = (broken[at] ?? 0) ^ (1 + random.below(255))
  return [broken]
}

function swap(chunk: Buffer): readonly Buffer[] {
  const middle = chunk.length >> 1
  return [chunk.subarray(middle), chunk.subarray(0, middle)]
}

/** Several connections, one after the other, are harmed once each after so many bytes. */
async function harmed({ stand, site, random }: FaultContext, harm: Harm): Promise<string> {
  const places = Array.from(
    { length: HARMED_CONNECTIONS },
    () => UNHARMED_BYTES_MIN + random.below(UNHARMED_BYTES_MAX - UNHARMED_BYTES_MIN),
  )
  let harms = 0
  const tamperOf = (): Tamper => {
    let passed = 0
    let isHarmed = false
    return (chunk) => {
      passed += chunk.length
      if (isHarmed || harms >= places.length || passed < (places[harms] ?? 0)) return [chunk]
      isHarmed = true
      harms += 1
      return harm(chunk, random)
    }
  }
  await using proxy = await Proxy.start(site.installation.replicationPort, tamperOf)
  site.startLoad(2000)
  await stand.network.redirect(proxy.port)
  try {
    await eventually('every harm', HARM_MS_MAX, () =>
      Promise.resolve(harms >= places.length ? true : undefined),
    )
    await sleep(1000) // What was harmed last has its effect.
  } finally {
    await site.stopLoad()
    await stand.network.restore()
  }
  return `${places.length} connections, after ${places.join(', ')} bytes`
}

/** Someone else answers in the place of the replication server. */
async function strangeServer({ stand, site }: FaultContext): Promise<string> {
  const { key, cert } = await selfSigned()
  const port = await freePort()
  let heard = 0
  const server = createServer({ key, cert, requestCert: true, rejectUnauthorized: false })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => (heard += chunk.length))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  site.startLoad()
  try {
    await stand.network.redirect(port)
    const why = await site.untilStalled('UNSTABLE_NETWORK', SILENCE_SHOWN_MS_MAX)
    if (heard > 0) throw new Error(`The agent sent ${heard} bytes to a server it cannot trust`)
    return `it heard no byte; STALLED UNSTABLE_NETWORK: ${why}`
  } finally {
    await site.stopLoad()
    await stand.network.restore()
    server.close()
  }
}
