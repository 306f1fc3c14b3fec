import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import Tabs from '@cloudscape-design/components/tabs'
import { useParameters } from '../shell/url-parameters.ts'
import { Exports } from './exports.tsx'
import { Imports } from './imports.tsx'

/** The inventory as a CSV file: read into the service, and written from it. */
export function ImportExportPage() {
  const [params, change] = useParameters()
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Source servers, applications, waves and their settings as a CSV file."
        >
          Import and export
        </Header>
      }
    >
      <Tabs
        ariaLabel="Import and export"
        activeTabId={params.get('tab') === 'export' ? 'export' : 'import'}
        onChange={({ detail: { activeTabId: tab } }) =>
          change({ tab: tab === 'export' ? tab : undefined, import: undefined })
        }
        tabs={[
          { id: 'import', label: 'Import', content: <Imports /> },
          { id: 'export', label: 'Export', content: <Exports /> },
        ]}
      />
    </ContentLayout>
  )
}
