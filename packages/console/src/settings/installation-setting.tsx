import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useState } from 'react'
import type { Action } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog, type ReadyDeed } from '../dialogs/confirm-dialog.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'

interface InstallationSettingProps<Value> {
  readonly header: string
  readonly description: string
  readonly read: Action
  readonly update: Action
  readonly isSet: (value: Value) => boolean
  readonly show: (value: Value) => ReactNode
  readonly setText: string
  readonly setDialog: (value: Value | undefined, onEnd: () => void) => ReactNode
  readonly endDeed: ReadyDeed
}

/** Something that the installation has or has not: how it is, and what sets it and ends it. */
export function InstallationSetting<Value>(props: InstallationSettingProps<Value>) {
  const { header, description, read, update, isSet, show, setText, setDialog, endDeed } = props
  const refusal = usePermission()(read)
  const { data, error } = usePolled<Value>(read, {}, { enabled: refusal === undefined })
  const [asked, setAsked] = useState<'set' | 'end'>()
  const end = () => setAsked(undefined)
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <PermittedButton
                actions={[update]}
                lacks={data !== undefined && !isSet(data) ? 'There is none.' : undefined}
                onClick={() => setAsked('end')}
              >
                {endDeed.text}
              </PermittedButton>
              <PermittedButton actions={[update]} onClick={() => setAsked('set')}>
                {setText}
              </PermittedButton>
            </SpaceBetween>
          }
        >
          {header}
        </Header>
      }
    >
      {refusal ?? error?.message ?? (data !== undefined && show(data))}
      {asked === 'set' && setDialog(data, end)}
      {asked === 'end' && <ConfirmDialog {...endDeed} onEnd={end} />}
    </Container>
  )
}
