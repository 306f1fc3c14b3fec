import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import type { InstanceDetails } from '@landfall/model'
import { usePolled } from '../api/polling.ts'
import { Moment } from '../time/moment.tsx'
import { isBooting } from './instance-words.ts'

/** A boot goes by in seconds. */
const BOOTING_POLL_MS = 2000
const RUNNING_POLL_MS = 10_000

const PICTURE = { display: 'block', maxWidth: '100%', height: 'auto' } as const

interface Screenshot {
  /** PNG, in base64. */
  readonly imageData: string
  readonly takenDateTime: string
  /** Not kept from before. */
  readonly isLive: boolean
}

/** What the screen shows now, or showed last. */
export function ScreenPicture({ instance }: { readonly instance: InstanceDetails }) {
  const { instanceID, state } = instance
  const pollMs = isBooting(instance) ? BOOTING_POLL_MS : RUNNING_POLL_MS
  const { data, error, isPending } = usePolled<Screenshot>(
    'landfall:GetInstanceScreenshot',
    { instanceID },
    { pollMs: state === 'running' ? pollMs : false },
  )
  if (error !== null) {
    return <Alert type={error.status === 404 ? 'info' : 'error'}>{error.message}</Alert>
  }
  if (isPending) return <Spinner />
  return (
    <figure style={{ margin: 0 }}>
      <img
        style={PICTURE}
        src={`data:image/png;base64,${data.imageData}`}
        alt={`The screen of instance ${instanceID}`}
      />
      <figcaption>
        <Box variant="small">
          {data.isLive ? 'As it is, at ' : 'It does not run; kept from '}
          <Moment at={data.takenDateTime} />
        </Box>
      </figcaption>
    </figure>
  )
}
