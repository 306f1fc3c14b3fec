import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Toggle from '@cloudscape-design/components/toggle'
import type { InstanceDetails } from '@landfall/model'
import { useEffect, useMemo, useRef, useState } from 'react'
import { usePolled } from '../api/polling.ts'
import { useNotify } from '../shell/notifications.tsx'
import { consoleText } from './console-text.ts'

const POLL_MS = 3000

const BOX = {
  maxHeight: '60vh',
  minHeight: '12em',
  margin: 0,
  overflow: 'auto',
  whiteSpace: 'pre-wrap',
  fontSize: '12px',
  lineHeight: 1.4,
} as const

/** What the instance prints to its serial console, which stays when it is gone. */
export function ConsoleOutput({ instance }: { readonly instance: InstanceDetails }) {
  const { instanceID, state } = instance
  const { data, error, isPending } = usePolled<{ readonly Output?: string }>(
    'ec2:GetConsoleOutput',
    { InstanceId: instanceID },
    { pollMs: state === 'running' ? POLL_MS : false },
  )
  const text = useMemo(() => consoleText(data?.Output ?? ''), [data])
  const [follows, setFollows] = useState(true)
  const notify = useNotify()
  const box = useRef<HTMLPreElement>(null)
  useEffect(() => {
    if (follows) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [text, follows])
  const copy = () => {
    void navigator.clipboard
      .writeText(text)
      .then(() => notify({ type: 'success', header: 'The console output was copied' }))
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The end of what it printed to its serial console, 64 KiB at most."
          actions={
            <SpaceBetween direction="horizontal" size="m" alignItems="center">
              <Toggle checked={follows} onChange={({ detail }) => setFollows(detail.checked)}>
                Follow the end
              </Toggle>
              <Button
                iconName="copy"
                onClick={copy}
                disabled={text === ''}
                disabledReason="There is nothing to copy yet."
              >
                Copy
              </Button>
            </SpaceBetween>
          }
        >
          Console output
        </Header>
      }
    >
      {error && <Alert type="error">{error.message}</Alert>}
      {isPending && !error && <Spinner />}
      {data !== undefined && text === '' && (
        <Box color="inherit">
          Nothing was printed yet. Firmware and boot loader may print to the screen alone.
        </Box>
      )}
      {text !== '' && (
        // It scrolls, so a keyboard has to reach it.
        <pre ref={box} style={BOX} tabIndex={0} role="log" aria-label="Console output">
          {text}
        </pre>
      )}
    </Container>
  )
}
