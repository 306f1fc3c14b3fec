/** Rows at once: some tens of milliseconds of work. */
const BATCH_ROWS = 200

/**
 * All rows of `read` after the `seq` of `from`, in its order: batch after batch, so that memory is
 * bounded and what else the service does comes in between. `read` reads those after a `seq`.
 */
export async function* inBatches<Row extends { readonly seq: number }>(
  read: (after: number, limit: number) => Promise<readonly Row[]>,
  from = 0,
): AsyncGenerator<readonly Row[]> {
  for (let after = from; ;) {
    const rows = await read(after, BATCH_ROWS)
    if (rows.length > 0) yield rows
    if (rows.length < BATCH_ROWS) return
    after = rows.at(-1)?.seq ?? after
  }
}
