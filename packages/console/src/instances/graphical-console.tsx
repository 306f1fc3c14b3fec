import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type RFB from '@novnc/novnc'
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { connectScreen, leaveScreen, type ScreenState } from './screen-connection.ts'

/** Every other key goes to the instance, so there must be a way out. */
const LEAVE_KEY = 'Home'

const AREA = { width: '100%', height: '70vh', background: '#000' } as const

interface GraphicalConsoleProps {
  readonly instanceID: string
  readonly onEnd: () => void
}

/** The instance's screen, with keyboard and pointer. */
export function GraphicalConsole({ instanceID, onEnd }: GraphicalConsoleProps) {
  const area = useRef<HTMLDivElement>(null)
  const client = useRef<RFB>(undefined)
  const ender = useRef<HTMLDivElement>(null)
  const [state, setState] = useState<ScreenState>({ kind: 'connecting' })
  const [attempt, setAttempt] = useState(1)
  useEffect(() => {
    const stop = new AbortController()
    const target = area.current
    if (target === null) return undefined
    void connectScreen({ instanceID, target, onState: setState, signal: stop.signal }).then(
      (connected) => {
        client.current = connected
      },
    )
    return () => stop.abort()
  }, [instanceID, attempt])
  const onKey = (event: KeyboardEvent) => {
    if (!event.ctrlKey || !event.altKey || event.key !== LEAVE_KEY) return
    event.preventDefault()
    event.stopPropagation()
    if (client.current !== undefined) leaveScreen(client.current)
    ender.current?.querySelector('button')?.focus()
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={`Keys go to the instance while the screen has the focus; Ctrl + Alt + ${LEAVE_KEY} leaves it.`}
          actions={<Buttons {...{ state, client, area, ender, onEnd }} />}
        >
          Screen
        </Header>
      }
    >
      <SpaceBetween size="s">
        <Connection state={state} onAgain={() => setAttempt(attempt + 1)} />
        <div
          ref={area}
          style={AREA}
          role="application"
          aria-label={`Screen of instance ${instanceID}`}
          onKeyDownCapture={onKey}
        />
      </SpaceBetween>
    </Container>
  )
}

interface ConnectionProps {
  readonly state: ScreenState
  readonly onAgain: () => void
}

function Connection({ state, onAgain }: ConnectionProps) {
  switch (state.kind) {
    case 'connecting':
      return <StatusIndicator type="loading">Connecting</StatusIndicator>
    case 'connected':
      return <StatusIndicator type="success">Connected</StatusIndicator>
    case 'ended':
      return (
        <Alert
          type="warning"
          header="The connection to the screen has ended"
          action={<Button onClick={onAgain}>Connect again</Button>}
        >
          {state.reason}
        </Alert>
      )
  }
}

interface ButtonsProps {
  readonly state: ScreenState
  readonly client: RefObject<RFB | undefined>
  readonly area: RefObject<HTMLDivElement | null>
  readonly ender: RefObject<HTMLDivElement | null>
  readonly onEnd: () => void
}

function Buttons({ state, client, area, ender, onEnd }: ButtonsProps) {
  const isOff = state.kind !== 'connected'
  const off = isOff
    ? { disabled: true, disabledReason: 'There is no connection to the screen.' }
    : {}
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button {...off} onClick={() => client.current?.sendCtrlAltDel()}>
        Ctrl + Alt + Del
      </Button>
      <Button
        {...off}
        onClick={() => {
          void area.current?.requestFullscreen().then(() => client.current?.focus())
        }}
      >
        Full screen
      </Button>
      <div ref={ender}>
        <Button onClick={onEnd}>Close the screen</Button>
      </div>
    </SpaceBetween>
  )
}
