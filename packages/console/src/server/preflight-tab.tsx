import SpaceBetween from '@cloudscape-design/components/space-between'
import { Findings } from './findings.tsx'
import { Rehearsals } from './rehearsals.tsx'
import type { TabProps } from './server-tabs.tsx'

/** What would go wrong at a launch: what was found by looking, and what by trying. */
export function PreflightTab({ server }: TabProps) {
  return (
    <SpaceBetween size="l">
      <Findings sourceServerID={server.sourceServerID} />
      <Rehearsals server={server} />
    </SpaceBetween>
  )
}
