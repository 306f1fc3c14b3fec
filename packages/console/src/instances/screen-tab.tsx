import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Spinner from '@cloudscape-design/components/spinner'
import type { InstanceDetails } from '@landfall/model'
import { lazy, Suspense, useState } from 'react'
import { usePermission } from '../session/session.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { permissionFor, refusalOf } from './instance-deeds.ts'
import { isBooting } from './instance-words.ts'
import { ScreenPicture } from './screenshot.tsx'

const GraphicalConsole = lazy(() =>
  import('./graphical-console.tsx').then((m) => ({ default: m.GraphicalConsole })),
)

const OPEN = { action: 'OpenInstanceScreen' } as const

/** A picture of the screen; and, when asked for, the screen itself with keyboard and pointer. */
export function ScreenTab({ instance }: { readonly instance: InstanceDetails }) {
  const [isOpen, setOpen] = useState(false)
  const permission = usePermission()
  const reason = refusalOf(OPEN, [instance]) ?? permission(permissionFor(OPEN))
  if (isOpen) {
    return (
      <Suspense fallback={<Spinner size="large" />}>
        <GraphicalConsole instanceID={instance.instanceID} onEnd={() => setOpen(false)} />
      </Suspense>
    )
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            isBooting(instance)
              ? 'It boots: the picture follows until its agent tells that it has come up.'
              : undefined
          }
          actions={
            <RefusableButton variant="primary" onClick={() => setOpen(true)} refusal={reason}>
              Open the screen
            </RefusableButton>
          }
        >
          Screen
        </Header>
      }
    >
      <ScreenPicture instance={instance} />
    </Container>
  )
}
