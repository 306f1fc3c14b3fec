/** Rows at once: some tens of milliseconds of work. */
const BATCH_ROWS = 200

/**
 * All rows of `read`, which reads those after a `seq`, in its order: batch after batch, so that
 * memory is bounded and what else the service does comes in between.
 */
export async function* inBatches<Row extends { readonly seq: number }>(
  read: (after: number, limit: number) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let after = 0
  for (;;) {
    const rows = await read(after, BATCH_ROWS)
    if (rows.length > 0) yield rows
    if (rows.length < BATCH_ROWS) return
    after = rows.at(-1)?.seq ?? after
  }
}
