import {
  dataPayload,
  frame,
  HASH_KEY_BYTES,
  jsonPayload,
  scatterRanges,
  ZERO_BYTES_MAX,
  type Frame,
  type PayloadMemory,
} from '@landfall/wire'
import type { PointDescription } from '@landfall/model'
import { FatalRefusal } from './refused.ts'
import type { Session } from './session.ts'

/** What one frame may keep in memory besides its data: its objects, and the answer. */
const FRAME_COST_BYTES = 4096

/** Bytes of memory the request takes until it is answered, at most. */
export function requestCost(request: Frame, memory: PayloadMemory): number {
  const held = memory.cost(request.payload.length) + FRAME_COST_BYTES
  const isWrite = request.type === 'data' || request.type === 'scatter'
  return isWrite && request.compressed ? held + request.length : held
}

/** Does what the frame asks for and gives the answer. Throws `FatalRefusal` for what may not be. */
export async function answerRequest(
  session: Session,
  request: Frame,
  onPoint: () => void,
): Promise<Frame> {
  const { sequence, disk, offset, length } = request
  switch (request.type) {
    case 'data':
      checkRange(session, request)
      await session.write(disk, offset, () => dataPayload(request))
      return frame('written', { sequence })
    case 'scatter':
      await session.writeScattered(disk, async () => {
        const ranges = scatterRanges(request, await dataPayload(request))
        for (const range of ranges) {
          const { offset, data } = range
          checkRange(session, { type: 'scatter', disk, offset, length: data.length })
        }
        return ranges
      })
      return frame('written', { sequence })
    case 'zero':
      checkRange(session, request)
      checkEmpty(request)
      await session.writeZeroes(disk, offset, length)
      return frame('written', { sequence })
    case 'hash': {
      checkRange(session, request)
      const payload = await session.hash({ disk, offset, length, ...hashRequest(request) })
      return frame('digest', { sequence, disk, offset, length, payload })
    }
    case 'flush':
      checkEmpty(request)
      await session.flush()
      return frame('durable', { sequence })
    case 'point':
      await session.createPoint(pointDescription(request))
      onPoint()
      return frame('durable', { sequence })
    case 'hello':
    case 'welcome':
    case 'written':
    case 'durable':
    case 'digest':
    case 'refused':
    case 'fatal':
    case 'ping':
    case 'pong':
      throw new FatalRefusal('bad_frame', `A frame of type ${request.type} has no place here`)
  }
}

function checkRange(
  session: Session,
  { type, disk, offset, length }: Pick<Frame, 'type' | 'disk' | 'offset' | 'length'>,
): void {
  const diskBytes = session.diskBytes(disk)
  if (diskBytes === undefined) {
    throw new FatalRefusal('out_of_range', `${type} for disk ${disk}, which the hello did not name`)
  }
  if (length === 0 || length > ZERO_BYTES_MAX || offset + length > diskBytes) {
    throw new FatalRefusal(
      'out_of_range',
      `${type} of ${length} bytes at ${offset} on disk ${disk}, which has ${diskBytes} bytes`,
    )
  }
}

function checkEmpty(request: Frame): void {
  if (request.payload.length === 0) return
  throw new FatalRefusal('bad_frame', `A ${request.type} frame with a payload`)
}

function hashRequest(request: Frame): { key: Buffer; pointID: string | undefined } {
  const { key, pointID } = jsonPayload(request)
  const keyBytes = Buffer.from(typeof key === 'string' ? key : '', 'base64')
  if (keyBytes.length !== HASH_KEY_BYTES) {
    throw new FatalRefusal('bad_frame', `A hash frame without a key of ${HASH_KEY_BYTES} bytes`)
  }
  if (pointID !== undefined && typeof pointID !== 'string') {
    throw new FatalRefusal('bad_frame', 'A hash frame whose pointID is no text')
  }
  return { key: keyBytes, pointID }
}

function pointDescription(request: Frame): PointDescription {
  const payload = jsonPayload(request)
  const { pointID, consistency, frozen, notFrozen, freezeMs, takenAt } = payload
  const valid =
    typeof pointID === 'string' &&
    /^point-[0-9a-f]{17}$/.test(pointID) &&
    ['application', 'filesystem', 'crash'].includes(String(consistency)) &&
    Array.isArray(frozen) &&
    Array.isArray(notFrozen) &&
    typeof freezeMs === 'number' &&
    typeof takenAt === 'string'
  if (!valid) throw new FatalRefusal('bad_frame', 'A point frame without a valid description')
  return { pointID, consistency, frozen, notFrozen, freezeMs, takenAt } as PointDescription
}
