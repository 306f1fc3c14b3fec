import { CONNECTIONS_PER_AGENT_MAX, DISKS_PER_SERVER_MAX } from '@landfall/model'
import { jsonPayload, PROTOCOL_VERSION, type Frame, type Hello } from '@landfall/wire'
import type { VolumeDescription } from '../volumes/staging-volume.ts'
import { FatalRefusal } from './refused.ts'

const SESSION_ID_LENGTH_MAX = 100

/** The hello in the first frame of a connection, checked in all its fields. */
export function readHello(first: Frame): Hello {
  if (first.type !== 'hello') {
    throw new FatalRefusal('bad_frame', `The first frame is ${first.type}; it must be hello`)
  }
  const payload = jsonPayload(first)
  const { protocolVersion, sourceServerID, sessionID, disks } = payload
  if (protocolVersion !== PROTOCOL_VERSION) {
    const spoken = `this server speaks ${PROTOCOL_VERSION} and the agent ${String(protocolVersion)}`
    const remedy = 'Install the agent that this service offers'
    throw new FatalRefusal('bad_frame', `Protocol versions differ: ${spoken}. ${remedy}`)
  }
  if (typeof sourceServerID !== 'string') throw badHello('sourceServerID')
  if (typeof sessionID !== 'string' || sessionID.length > SESSION_ID_LENGTH_MAX) {
    throw badHello('sessionID')
  }
  if (!Array.isArray(disks) || disks.length > DISKS_PER_SERVER_MAX || !disks.every(isDisk)) {
    throw badHello('disks')
  }
  return { protocolVersion, sourceServerID, sessionID, disks }
}

function isDisk(value: unknown): value is Hello['disks'][number] {
  if (typeof value !== 'object' || value === null) return false
  const { deviceName, sizeBytes } = value as Record<string, unknown>
  return typeof deviceName === 'string' && Number.isSafeInteger(sizeBytes)
}

function badHello(field: string): FatalRefusal {
  return new FatalRefusal('bad_frame', `The hello has no valid ${field}`)
}

/**
 * For each disk of the hello the index of its volume, of those that are not retired. A disk may be
 * absent, after it failed; one that has no volume of its name and size is refused.
 */
export function matchDisks(hello: Hello, volumes: readonly VolumeDescription[]): number[] {
  const indices = hello.disks.map((disk) =>
    volumes.findIndex(
      ({ deviceName, sizeBytes, retired }) =>
        !retired && deviceName === disk.deviceName && sizeBytes === disk.sizeBytes,
    ),
  )
  const areDistinct = new Set(indices).size === indices.length
  if (indices.length > 0 && areDistinct && !indices.includes(-1)) return indices
  const offered = volumes.filter(({ retired }) => !retired)
  const list = (of: readonly { deviceName: string; sizeBytes: number }[]): string =>
    of.map(({ deviceName, sizeBytes }) => `${deviceName} (${sizeBytes} bytes)`).join(', ')
  throw new FatalRefusal(
    'no_volume',
    `The agent's disks are ${list(hello.disks)} and the staging volumes are ${list(offered)}. Run the installer again`,
  )
}

/** Refuses one connection more than an agent may have. */
export function checkConnectionCount(connections: number): void {
  if (connections < CONNECTIONS_PER_AGENT_MAX) return
  const message = `A session has at most ${CONNECTIONS_PER_AGENT_MAX} connections`
  throw new FatalRefusal('bad_frame', message)
}
