import { LandfallError } from '@landfall/model'
import { createInputReader } from '../http/read-input.ts'
import { MGN_MODEL, shapeOf } from '../http/service-model.ts'
import type { Column } from './columns.ts'

/** What a spreadsheet takes for the beginning of a formula, behind what `plainCell` put there. */
const FORMULA = /^'*[=+\-@\t\r]/
const SAFE_FORMULA = /^'+[=+\-@\t\r]/

/** No more digits than a number keeps exactly. */
const INTEGER = /^\d{1,15}$/

/** The text so that no spreadsheet runs it: before what looks like a formula is an apostrophe. */
export function plainCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** The text that `plainCell` was given; any other is as it stands. */
export function fromPlainCell(cell: string): string {
  return SAFE_FORMULA.test(cell) ? cell.slice(1) : cell
}

const readers = new Map<string, (value: unknown) => unknown>()

/** What the JSON of an action's parameters may have, and the shapes of that. */
const GIVEN = new Map([
  ['parameters', 'SsmDocumentParameters'],
  ['externalParameters', 'SsmDocumentExternalParameters'],
])

/** The value of a cell that is not blank; `validation` when it is none of its column. */
export function readCell(column: Column, header: string, text: string): unknown {
  try {
    if (column.words !== undefined) return wordOf(column.words, text)
    return column.isJson === true ? readGiven(text) : readShape(column.shape, text)
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error
    const reason = error.details.fields?.[0]?.message ?? error.message
    throw new LandfallError('validation', `${header} ${reason}`)
  }
}

/** The text that `readCell` gives the value for. */
export function writeCell({ words, isJson }: Column, value: unknown): string {
  if (words === undefined) return isJson === true ? JSON.stringify(value) : String(value)
  return Object.keys(words).find((text) => words[text] === value) ?? ''
}

function readShape(shape: string, text: string): unknown {
  const { type } = shapeOf(MGN_MODEL, shape)
  if (type === 'boolean') return wordOf({ true: true, false: false }, text)
  const isNumber = (type === 'integer' || type === 'long') && INTEGER.test(text)
  return checked(shape, isNumber ? Number(text) : text)
}

function checked(shape: string, value: unknown): unknown {
  const read = readers.get(shape) ?? createInputReader(MGN_MODEL, shape)
  readers.set(shape, read)
  return read(value)
}

/** Spreadsheets write TRUE where `true` was typed. */
function wordOf(words: Readonly<Record<string, unknown>>, text: string): unknown {
  const word = Object.keys(words).find((one) => one.toLowerCase() === text.toLowerCase())
  if (word !== undefined) return words[word]
  throw invalid(`is ${text}, and must be one of: ${Object.keys(words).join(', ')}`)
}

function readGiven(text: string): object {
  const given = parseObject(text)
  return Object.fromEntries(
    Object.entries(given).map(([member, value]) => {
      const shape = GIVEN.get(member)
      if (shape === undefined) {
        throw invalid(`has ${member}, and may only have ${[...GIVEN.keys()].join(' and ')}`)
      }
      return [member, checked(shape, value)]
    }),
  )
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // The one error below says what it must be.
  }
  throw invalid(`must be a JSON object with ${[...GIVEN.keys()].join(' and ')}`)
}

function invalid(message: string): LandfallError {
  return new LandfallError('validation', message)
}
