import type { ReplicationHistory } from '@landfall/model'

interface Datum {
  readonly x: Date
  readonly y: number
}

/** What each chart draws of a history. */
export interface ChartSeries {
  /** Seconds; nothing of a time in which there was no point. */
  readonly lag: readonly Datum[]
  /** Bytes. */
  readonly backlog: readonly Datum[]
  /** Bytes per second on the wire, since the sample before; so the first has none. */
  readonly rate: readonly Datum[]
}

export function chartSeries({ samples }: Pick<ReplicationHistory, 'samples'>): ChartSeries {
  const at = samples.map((sample) => new Date(sample.at))
  const data = (valueOf: (index: number) => number | undefined) =>
    at.flatMap((x, index) => {
      const y = valueOf(index)
      return y === undefined ? [] : [{ x, y }]
    })
  return {
    lag: data((index) => samples[index]?.lagSeconds),
    backlog: data((index) => samples[index]?.backlogBytes),
    rate: data((index) => {
      const [before, now, sample] = [at[index - 1], at[index], samples[index]]
      if (before === undefined || now === undefined || sample === undefined) return undefined
      const seconds = (now.getTime() - before.getTime()) / 1000
      return seconds > 0 ? sample.sentBytes / seconds : undefined
    }),
  }
}
