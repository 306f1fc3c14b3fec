import Alert from '@cloudscape-design/components/alert'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import type { ReactNode } from 'react'
import type { Action } from '../api/call.ts'
import { usePermission, useSession } from './session.ts'

interface ReadableProps {
  /** What the page is called. */
  readonly title: string
  /** What it takes to see anything of it. */
  readonly action: Action
  readonly children: ReactNode
}

/** A page for whoever may read what it shows; others are told what they lack. */
export function Readable({ title, action, children }: ReadableProps) {
  const { session } = useSession()
  const reason = usePermission()(action)
  if (reason === undefined) return children
  return (
    <ContentLayout header={<Header variant="h1">{title}</Header>}>
      <Alert type="info" header="You may not see this">
        {reason} Whoever keeps the users of this service can attach a policy that does to{' '}
        {session.userName}.
      </Alert>
    </ContentLayout>
  )
}
