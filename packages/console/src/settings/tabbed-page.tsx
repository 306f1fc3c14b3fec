import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import Tabs, { type TabsProps } from '@cloudscape-design/components/tabs'
import { useSearchParams } from 'react-router'

interface TabbedPageProps {
  readonly header: string
  readonly description: string
  readonly tabs: readonly TabsProps.Tab[]
}

/** A page of tabs; which one is shown is in its address. */
export function TabbedPage({ header, description, tabs }: TabbedPageProps) {
  const [params, setParams] = useSearchParams()
  const named = tabs.find(({ id }) => id === params.get('tab'))
  const shown = named ?? tabs[0]
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description}>
          {header}
        </Header>
      }
    >
      <Tabs
        ariaLabel={header}
        activeTabId={shown?.id ?? ''}
        tabs={tabs}
        onChange={({ detail }) => setParams({ tab: detail.activeTabId })}
      />
    </ContentLayout>
  )
}
