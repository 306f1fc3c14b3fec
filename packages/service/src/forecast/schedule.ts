/** What one server's launch takes, in seconds. */
export interface ServerTimes {
  /** Before its turn to be converted is waited for. */
  readonly untilPoint: number
  readonly conversion: number
  readonly launch: number
  /** Its job does not wait for it. */
  readonly firstBoot: number
}

export interface Concurrency {
  /** Servers of one job that are worked on at once. */
  readonly servers: number
  /** Conversions that the staging area runs at once. */
  readonly conversions: number
}

/** When each of the servers of one job has booted, in seconds from the start of the job. */
export function scheduleBoots(
  servers: readonly ServerTimes[],
  { servers: slotCount, conversions }: Concurrency,
): number[] {
  const booted = servers.map(() => 0)
  const converters = Array.from({ length: conversions }, () => 0)
  const waiting = servers.map((times, index) => ({ times, index }))
  const begin = (at: number) => {
    const next = waiting.shift()
    return next === undefined ? [] : [{ ...next, readyAt: at + next.times.untilPoint }]
  }
  const underWay = Array.from({ length: slotCount }, () => begin(0)).flat()
  for (;;) {
    // Conversions are begun in the order in which points are there.
    underWay.sort((left, right) => left.readyAt - right.readyAt)
    const first = underWay.shift()
    if (first === undefined) return booted
    converters.sort((left, right) => left - right)
    const { times, index, readyAt } = first
    const convertedAt = Math.max(readyAt, converters[0] ?? 0) + times.conversion
    converters[0] = convertedAt
    const launchedAt = convertedAt + times.launch
    booted[index] = launchedAt + times.firstBoot
    underWay.push(...begin(launchedAt))
  }
}
