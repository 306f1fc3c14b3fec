/** Rows of a table that is cut here, and not by the service. */
const PAGE_ROWS = 50

/** Which rows of a list are shown, as the page's address says it. */
export interface RowsShown {
  readonly text: string
  readonly page: number
}

export interface CutRows<Row> {
  readonly rows: readonly Row[]
  readonly total: number
  readonly page: number
  readonly pages: number
}

/** Those with the text in theirs, in whatever case; of them one page, the last if it is short. */
export function cutRows<Row>(
  rows: readonly Row[],
  { text, page }: RowsShown,
  textOf: (row: Row) => string,
): CutRows<Row> {
  const wanted = text.toLowerCase()
  const found = rows.filter((row) => textOf(row).toLowerCase().includes(wanted))
  const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS))
  const shown = Math.min(page, pages)
  return {
    rows: found.slice((shown - 1) * PAGE_ROWS, shown * PAGE_ROWS),
    total: found.length,
    pages,
    page: shown,
  }
}

/** As the page's address says it. */
export function rowsShown(params: URLSearchParams): RowsShown {
  const page = Math.floor(Number(params.get('page')) || 1)
  return { text: params.get('text') ?? '', page: Math.max(1, page) }
}
