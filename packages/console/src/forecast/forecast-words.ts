/** GetCutoverForecast's answer; moments are ISO 8601 in UTC. */
export interface Forecast {
  /** From now until the last of those that are known has booted; absent: of none it is known. */
  readonly expectedSeconds?: number
  readonly slowestSeconds?: number
  readonly expectedDateTime?: string
  readonly serversAtOnce: number
  readonly conversionsAtOnce: number
  readonly servers: readonly ForecastServer[]
}

interface ForecastServer {
  readonly sourceServerID: string
  /** Why nobody knows; then there are no parts. */
  readonly unknown?: string
  readonly parts?: readonly ForecastPart[]
}

interface ForecastPart {
  readonly name: keyof typeof PART_WORDS
  readonly seconds: number
  readonly basis: keyof typeof BASIS_WORDS
  readonly explanation: string
}

export const PART_WORDS = {
  CATCH_UP: 'Send the backlog',
  CLEANUP: 'Remove the earlier instance',
  POINT: 'Take a point',
  CONVERSION: 'Convert it to bootable',
  LAUNCH: 'Launch the instance',
  FIRST_BOOT: 'First boot',
} as const

export const BASIS_WORDS = {
  MEASURED_NOW: 'Measured now',
  THIS_SERVER: 'Measured, this server',
  ALL_SERVERS: 'Measured, other servers',
  ASSUMED: 'Assumed',
} as const

/** Which parts nobody has measured; undefined when all were. */
export function assumedText(servers: readonly ForecastServer[]): string | undefined {
  const assumed = new Set(
    servers.flatMap(({ parts = [] }) =>
      parts.filter(({ basis }) => basis === 'ASSUMED').map(({ name }) => PART_WORDS[name]),
    ),
  )
  if (assumed.size === 0) return undefined
  const names = [...assumed].map((name) => name.toLowerCase()).join(', ')
  return `Not measured yet, but assumed: ${names}.`
}
