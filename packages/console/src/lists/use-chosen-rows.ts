import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'

type Choice<Row> = Pick<
  TableProps<Row>,
  'trackBy' | 'selectionType' | 'selectedItems' | 'onSelectionChange'
>

/**
 * The rows that are chosen, as they are now, not as they were when they were chosen; and what makes
 * a table let somebody choose them.
 */
export function useChosenRows<Row>(
  rows: readonly Row[],
  idOf: (row: Row) => string,
): readonly [readonly Row[], Choice<Row>] {
  const [ids, setIDs] = useState<readonly string[]>([])
  const chosen = rows.filter((row) => ids.includes(idOf(row)))
  const choice: Choice<Row> = {
    trackBy: idOf,
    selectionType: 'multi',
    selectedItems: chosen,
    onSelectionChange: ({ detail }) => setIDs(detail.selectedItems.map(idOf)),
  }
  return [chosen, choice]
}
