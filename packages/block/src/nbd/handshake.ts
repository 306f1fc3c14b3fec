import type { Writable } from 'node:stream'
import type { HandshakeBytes } from './handshake-bytes.ts'
import { NbdConnectionError } from './nbd-error.ts'

/**
 * Fixed newstyle handshake of the NBD protocol (doc/proto.md, "Newstyle negotiation") up to
 * transmission, by NBD_OPT_GO, without structured replies.
 */
const NBD_MAGIC = 0x4e42444d41474943n
const OPTION_MAGIC = 0x49484156454f5054n
const REPLY_MAGIC = 0x3e889045565a9n
const FLAG_FIXED_NEWSTYLE = 1
const FLAG_NO_ZEROES = 2
const OPTION_GO = 7
const REPLY_ACK = 1
const REPLY_INFO = 3
const REPLY_ERROR_BIT = 0x80000000
const INFO_EXPORT = 0
const INFO_BLOCK_SIZE = 3

/** An option reply longer than this is not from an NBD server. */
const REPLY_BYTES_MAX = 64 * 1024

/**
 * What a server takes in one request when it names no limit (protocol, "Block size constraints").
 */
const PAYLOAD_BYTES_DEFAULT = 32 * 1024 * 1024

export interface NbdExportInfo {
  readonly sizeBytes: number
  /** Transmission flags, as the protocol numbers them. */
  readonly flags: number
  /** Most bytes of data in one request. */
  readonly payloadBytesMax: number
}

/** Negotiates on a socket; nothing but replies to requests follows on it. */
export async function negotiate(
  { said, socket }: { readonly said: HandshakeBytes; readonly socket: Writable },
  exportName: string,
): Promise<NbdExportInfo> {
  const greeting = await said.take(18)
  if (greeting.readBigUInt64BE(0) !== NBD_MAGIC || greeting.readBigUInt64BE(8) !== OPTION_MAGIC) {
    throw new NbdConnectionError('The peer is not an NBD server of the newstyle protocol')
  }
  const offered = greeting.readUInt16BE(16)
  if ((offered & FLAG_FIXED_NEWSTYLE) === 0) {
    throw new NbdConnectionError('The NBD server does not speak fixed newstyle')
  }
  socket.write(Buffer.concat([clientFlags(offered), goOption(exportName)]))

  let info: NbdExportInfo = { sizeBytes: -1, flags: 0, payloadBytesMax: PAYLOAD_BYTES_DEFAULT }
  for (;;) {
    const reply = await readReply(said)
    if (reply.type === REPLY_ACK) break
    if (reply.type >= REPLY_ERROR_BIT) {
      const why = reply.data.toString('utf8') || `error ${reply.type - REPLY_ERROR_BIT}`
      throw new NbdConnectionError(`The NBD server refused the export "${exportName}": ${why}`)
    }
    if (reply.type === REPLY_INFO) info = withInfo(info, reply.data)
  }
  if (info.sizeBytes < 0) throw new NbdConnectionError('The NBD server did not tell the size')
  return info
}

function clientFlags(offered: number): Buffer {
  const flags = Buffer.alloc(4)
  flags.writeUInt32BE(FLAG_FIXED_NEWSTYLE | (offered & FLAG_NO_ZEROES))
  return flags
}

function goOption(exportName: string): Buffer {
  const name = Buffer.from(exportName)
  const option = Buffer.alloc(16 + 4 + name.length + 4)
  option.writeBigUInt64BE(OPTION_MAGIC, 0)
  option.writeUInt32BE(OPTION_GO, 8)
  option.writeUInt32BE(option.length - 16, 12)
  option.writeUInt32BE(name.length, 16)
  name.copy(option, 20)
  option.writeUInt16BE(1, 20 + name.length)
  option.writeUInt16BE(INFO_BLOCK_SIZE, 22 + name.length)
  return option
}

async function readReply(said: HandshakeBytes): Promise<{ type: number; data: Buffer }> {
  const header = await said.take(20)
  if (header.readBigUInt64BE(0) !== REPLY_MAGIC) {
    throw new NbdConnectionError('The NBD server sent a bad option reply')
  }
  const length = header.readUInt32BE(16)
  if (length > REPLY_BYTES_MAX) throw new NbdConnectionError(`Option reply of ${length} bytes`)
  return {
    type: header.readUInt32BE(12),
    data: length === 0 ? Buffer.alloc(0) : await said.take(length),
  }
}

function withInfo(info: NbdExportInfo, data: Buffer): NbdExportInfo {
  const kind = data.readUInt16BE(0)
  if (kind === INFO_EXPORT) {
    return { ...info, sizeBytes: Number(data.readBigUInt64BE(2)), flags: data.readUInt16BE(10) }
  }
  if (kind === INFO_BLOCK_SIZE) return { ...info, payloadBytesMax: data.readUInt32BE(10) }
  return info
}
