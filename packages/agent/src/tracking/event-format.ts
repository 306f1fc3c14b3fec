import { LandfallError } from '@landfall/model'

/** Where a field lies in an event's record. */
interface FieldPlace {
  readonly offset: number
  readonly sizeBytes: number
}

/** What is read of `block_rq_complete`, with the places this kernel gives its fields. */
export interface BlockEventFormat {
  readonly id: number
  readonly dev: FieldPlace
  readonly sector: FieldPlace
  readonly sectors: FieldPlace
  readonly rwbs: FieldPlace
}

/** The frame of a ring-buffer page. */
export interface PageFormat {
  readonly commitOffset: number
  readonly dataOffset: number
  readonly pageBytes: number
}

/** Reads an event's `format` file. A LandfallError when the kernel lays it out unlike any known. */
export function parseEventFormat(text: string): BlockEventFormat {
  const id = Number(/^ID: (\d+)$/m.exec(text)?.[1])
  if (!Number.isInteger(id)) throw unknownFormat('event ID')
  return {
    id,
    dev: fieldPlace(text, 'dev', 4),
    sector: fieldPlace(text, 'sector', 8),
    sectors: fieldPlace(text, 'nr_sector', 4),
    rwbs: fieldPlace(text, 'rwbs'),
  }
}

/** Reads `events/header_page`. */
export function parsePageFormat(text: string): PageFormat {
  const data = fieldPlace(text, 'data')
  return {
    commitOffset: fieldPlace(text, 'commit').offset,
    dataOffset: data.offset,
    pageBytes: data.offset + data.sizeBytes,
  }
}

function fieldPlace(text: string, name: string, sizeBytes?: number): FieldPlace {
  const field = new RegExp(String.raw`^\s*field:.*\b${name}(?:\[\d*\])?;(.*)$`, 'm').exec(text)?.[1]
  const offset = /offset:(\d+);/.exec(field ?? '')?.[1]
  const size = /size:(\d+);/.exec(field ?? '')?.[1]
  if (offset === undefined || size === undefined) throw unknownFormat(name)
  const place = { offset: Number(offset), sizeBytes: Number(size) }
  if (sizeBytes !== undefined && place.sizeBytes !== sizeBytes) throw unknownFormat(name)
  return place
}

function unknownFormat(what: string): LandfallError {
  return new LandfallError(
    'unavailable',
    `The kernel describes its block events in an unknown way (${what}): this kernel is not supported`,
  )
}
