import { setTimeout as sleep } from 'node:timers/promises'
import { crc32, zstdCompressSync } from 'node:zlib'
import {
  encodeHeader,
  frame,
  jsonFrame,
  newHashKey,
  PAYLOAD_BYTES_MAX,
  PROTOCOL_VERSION,
  ZERO_BYTES_MAX,
} from '@landfall/wire'
import type { Fault, FaultContext } from './fault.ts'
import type { Random } from './random.ts'
import { DISK_BYTES, type Site } from './site.ts'
import { identityOf, Stranger } from './stranger.ts'

const RANDOM_STREAMS = 20
const BLOCK_BYTES = 4096
/** One key for all of it, so that equal digests mean that nothing changed. */
const COMPARED_BY = newHashKey()

export const FRAMES: readonly Fault[] = [
  { name: 'bad frames from an agent’s own certificate', on: 'standing', cause: badFrames },
]

/** Sends what no agent sends, after the welcome. */
type Send = (stranger: Stranger, random: Random) => Promise<unknown>

interface Bad {
  readonly send: Send
  /** Code of the `fatal` that answers it, or `closed`. */
  readonly ending: string
}

const bad = (send: Send, ending = 'bad_frame'): Bad => ({ send, ending })

const BAD_FRAMES: Readonly<Record<string, Bad>> = {
  'header with a flipped bit': bad((stranger, random) => {
    const bytes = encodeHeader(someData(random))
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return write(stranger, bytes)
  }),
  'payload with a flipped bit': bad((stranger, random) => {
    const one = someData(random)
    const payload = Buffer.from(one.payload)
    const at = random.below(payload.length)
    payload[at] = (payload[at] ?? 0) ^ (1 << random.below(8))
    return stranger.send('data', { ...one, payload })
  }),
  'frame cut off by the end': bad(async (stranger, random) => {
    const one = someData(random)
    const bytes = Buffer.concat([encodeHeader(one), one.payload])
    stranger.socket.end(bytes.subarray(0, 41 + random.below(BLOCK_BYTES - 1)))
    await sleep(0)
  }, 'closed'),
  'payload announced too large': bad((stranger) => {
    const header = encodeHeader(frame('data', { sequence: 1, length: BLOCK_BYTES }))
    header.writeUInt32BE(PAYLOAD_BYTES_MAX + 1, 28)
    header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
    return write(stranger, header)
  }),
  'payload that grows beyond its length': bad((stranger) => {
    const payload = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))
    return stranger.send('data', { length: BLOCK_BYTES, compressed: true, payload })
  }),
  'unknown type': bad((stranger) => {
    const header = encodeHeader(frame('flush', { sequence: 1 }))
    header.writeUInt8(99, 4)
    header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
    return write(stranger, header)
  }),
  'second hello': bad((stranger) =>
    stranger.channel.send(jsonFrame('hello', 1, { protocolVersion: PROTOCOL_VERSION })),
  ),
  'data beyond the disk': bad(
    (stranger, random) => stranger.send('data', { ...someData(random), offset: DISK_BYTES }),
    'out_of_range',
  ),
  'data on a disk that is not there': bad(
    (stranger, random) => stranger.send('data', { ...someData(random), disk: 7 }),
    'out_of_range',
  ),
  'zeros beyond a frame’s limit': bad(
    (stranger) => stranger.send('zero', { length: ZERO_BYTES_MAX + BLOCK_BYTES }),
    'out_of_range',
  ),
  'point that is no description': bad((stranger) =>
    stranger.channel.send(jsonFrame('point', 1, { pointID: '../../etc' })),
  ),
}

/** Different from what any disk of these tests holds. */
function someData(random: Random) {
  const payload = Buffer.alloc(BLOCK_BYTES, 1 + random.below(255))
  const offset = random.below(DISK_BYTES / BLOCK_BYTES) * BLOCK_BYTES
  return frame('data', { sequence: 1, offset, length: BLOCK_BYTES, payload })
}

async function write(stranger: Stranger, bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => stranger.socket.write(bytes, resolve))
}

/** The agent stands still meanwhile: nothing but the stranger can change the volume. */
async function badFrames({ site, random }: FaultContext): Promise<string> {
  const agent = await site.agent.processID()
  process.kill(agent, 'SIGSTOP')
  try {
    const before = await volumeDigest(site)
    for (const name of random.shuffled(Object.keys(BAD_FRAMES))) {
      const { send, ending } = BAD_FRAMES[name] ?? bad(() => Promise.resolve())
      const found = await endingOf(site, random, send)
      if (found !== ending) throw new Error(`${name}: ended by ${found} instead of ${ending}`)
    }
    for (let stream = 0; stream < RANDOM_STREAMS; stream += 1) {
      const bytes = Buffer.from(
        Array.from({ length: 40 + random.below(4000) }, () => random.below(256)),
      )
      const found = await endingOf(site, random, (stranger) => write(stranger, bytes))
      if (found !== 'bad_frame') throw new Error(`${bytes.length} random bytes: ended by ${found}`)
    }
    if ((await volumeDigest(site)) !== before) throw new Error('The volume has changed')
    const kinds = Object.keys(BAD_FRAMES).length
    return `${kinds} kinds of bad frames and ${RANDOM_STREAMS} random streams refused, volume equal`
  } finally {
    process.kill(agent, 'SIGCONT')
  }
}

async function endingOf(site: Site, random: Random, send: Send): Promise<string> {
  await using stranger = await Stranger.connect(site, await identityOf(site))
  const welcome = await stranger.hello()
  if (welcome?.type !== 'welcome') throw new Error(`The hello was answered by ${welcome?.type}`)
  await send(stranger, random)
  return await stranger.ending()
}

async function volumeDigest(site: Site): Promise<string> {
  await using stranger = await Stranger.connect(site, await identityOf(site))
  await stranger.hello()
  const payload = Buffer.from(JSON.stringify({ key: COMPARED_BY.toString('base64') }))
  await stranger.send('hash', { length: DISK_BYTES, payload })
  const answer = await stranger.next()
  if (answer?.type !== 'digest')
    throw new Error(`The volume's hash was answered by ${answer?.type}`)
  return Buffer.from(answer.payload).toString('hex')
}
