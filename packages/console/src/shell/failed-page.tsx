import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import { useRouteError } from 'react-router'

/**
 * In the place of a page that could not be loaded or shown. After an update of the service the
 * files of a page that was open before are gone; loading anew gets the new ones.
 */
export function FailedPage() {
  const error = useRouteError()
  return (
    <Alert
      type="error"
      header="This page could not be shown"
      action={<Button onClick={() => location.reload()}>Load the console anew</Button>}
    >
      {error instanceof Error ? error.message : String(error)}. If the service was updated since the
      console was opened, load it anew. If it happens again, tell us the message.
    </Alert>
  )
}
