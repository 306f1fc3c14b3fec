import CollectionPreferences from '@cloudscape-design/components/collection-preferences'
import { COLUMNS } from './columns.tsx'
import { PAGE_SIZES, type Preferences, USUAL } from './use-table-preferences.ts'

interface TablePreferencesProps {
  readonly value: Preferences
  readonly onChange: (changed: Preferences) => void
}

/** Which columns there are, and how many rows; loaded apart, because nobody waits for it. */
export function TablePreferences({ value, onChange }: TablePreferencesProps) {
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{ pageSize: value.pageSize, visibleContent: value.columns }}
      onConfirm={({ detail }) =>
        onChange({
          pageSize: detail.pageSize ?? USUAL.pageSize,
          columns: detail.visibleContent ?? USUAL.columns,
        })
      }
      pageSizePreference={{
        title: 'Servers on a page',
        options: PAGE_SIZES.map((size) => ({ value: size, label: `${size} servers` })),
      }}
      visibleContentPreference={{
        title: 'Columns',
        options: [
          {
            label: 'Columns',
            options: COLUMNS.map(({ id, header }) => ({
              id,
              label: header,
              editable: id !== 'name',
            })),
          },
        ],
      }}
    />
  )
}
