import { pipeline, type Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { isText } from '../text.ts'
import { fromPlainCell } from './cell.ts'
import { columnOf, type Cells } from './row-content.ts'

/** A row that is not blank, or why there is none. Row 1 has the headers, as in a spreadsheet. */
export type ReadRow =
  | { readonly rowNumber: number; readonly cells: Cells }
  | { readonly rowNumber: number; readonly problem: string }

/** What an account can hold at most (MGN's quota); each server has one row. */
const ROWS_MAX = 50_000

/** Every column that there is, with a hundred tags, fits many times over. */
const ROW_BYTES_MAX = 1024 * 1024
const COLUMNS_MAX = 2000

/** MGN's limit of tags' keys, and more than any other part of a header. */
const KEY_LENGTH_MAX = 256

/** Headers that do not begin so are the operators' own notes. */
const OURS = 'mgn:'

/** What a byte that is no UTF-8 is read as. */
const REPLACEMENT = '\uFFFD'

/**
 * The rows of a CSV file (RFC 4180, UTF-8) one after the other, so that only the one that is looked
 * at is in memory. After a problem that hides what follows it, there is nothing more. Fails only
 * when `file` does.
 */
export async function* readRows(file: Readable): AsyncGenerator<ReadRow> {
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: ROW_BYTES_MAX })
  // A failure of the file is the parser's, and so that of the loop below.
  pipeline(file, parser, () => {})
  let headers: readonly string[] | undefined
  let rowNumber = 0
  try {
    for await (const texts of parser as AsyncIterable<readonly string[]>) {
      rowNumber += 1
      if (headers === undefined) {
        headers = texts
        const problem = headersProblem(texts)
        if (problem !== undefined) return yield { rowNumber, problem }
      } else if (rowNumber > ROWS_MAX + 1) {
        return yield { rowNumber, problem: `The file has more than ${ROWS_MAX} rows: divide it` }
      } else if (texts.some((text) => text !== '')) {
        yield rowOf(headers, texts, rowNumber)
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // Its own count: the parser is ahead of what was taken from it.
    const { records } = error as { readonly records?: unknown }
    const failed = typeof records === 'number' ? records : rowNumber
    return yield { rowNumber: failed + 1, problem: `The row is no CSV: ${error.message}` }
  }
  if (headers === undefined) yield { rowNumber: 1, problem: 'The file is empty' }
}

function rowOf(headers: readonly string[], texts: readonly string[], rowNumber: number): ReadRow {
  if (texts.length > headers.length) {
    const problem = `The row has ${texts.length} cells, and the file ${headers.length} columns`
    return { rowNumber, problem }
  }
  const cells = headers.flatMap((header, index) => {
    const text = texts[index] ?? ''
    return text === '' || !header.startsWith(OURS) ? [] : [[header, fromPlainCell(text)] as const]
  })
  const unreadable = cells.find(([, text]) => text.includes(REPLACEMENT) || !isText(text))
  if (unreadable === undefined) return { rowNumber, cells: Object.fromEntries(cells) }
  return { rowNumber, problem: `${unreadable[0]} is no text in UTF-8: save the file as CSV UTF-8` }
}

function headersProblem(headers: readonly string[]): string | undefined {
  const ours = headers.filter((header) => header.startsWith(OURS))
  if (ours.length === 0) {
    const separated = headers.length === 1 && /[;\t]/.test(headers[0] ?? '')
    return separated
      ? 'The columns are not separated by commas: save the file with commas between them'
      : 'The first row names no column of an inventory file, such as mgn:server:user-provided-id'
  }
  if (headers.length > COLUMNS_MAX) return `The file has more than ${COLUMNS_MAX} columns`
  const unknown = ours.find((header) => columnOf(header) === undefined)
  if (unknown !== undefined) return `There is no column ${unknown}`
  const twice = ours.find((header, index) => ours.indexOf(header) < index)
  if (twice !== undefined) return `The column ${twice} is there twice`
  const long = ours.find((header) => columnOf(header)?.keys.some(isTooLong))
  if (long !== undefined) return `${long} is longer than ${KEY_LENGTH_MAX} characters allow`
  return undefined
}

function isTooLong(key: string): boolean {
  return key.length > KEY_LENGTH_MAX
}
