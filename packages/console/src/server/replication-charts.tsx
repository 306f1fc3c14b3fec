import AreaChart from '@cloudscape-design/components/area-chart'
import Box from '@cloudscape-design/components/box'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import LineChart from '@cloudscape-design/components/line-chart'
import { formatBytes, type ReplicationHistory } from '@landfall/model'
import type { ReactNode } from 'react'
import { formatSeconds } from '../time/duration.ts'
import { chartSeries } from './chart-series.ts'

const HEIGHT = 180

/** Less is not worth a scale of its own: ticks would be fractions of what they are written in. */
const LAG_S_MIN = 10
const BYTES_MIN = 1024

/** Minutes are the least that ticks are written in. */
const SPAN_MS_MIN = 10 * 60 * 1000

/** Of a day or more the day is said as well. */
const DAY_MS = 24 * 60 * 60 * 1000

/** Lag, backlog and rate over time. */
export function ReplicationCharts({ history }: { readonly history: ReplicationHistory }) {
  const { lag, backlog, rate } = chartSeries(history)
  const to = new Date(history.toDateTime)
  // Of a server that is new there is nothing before its first sample.
  const first = Date.parse(history.samples[0]?.at ?? history.fromDateTime)
  const from = new Date(Math.min(first, to.getTime() - SPAN_MS_MIN))
  const isLong = to.getTime() - from.getTime() >= DAY_MS
  const format = new Intl.DateTimeFormat(undefined, {
    ...(isLong && { weekday: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  })
  const shared = {
    xDomain: [from, to],
    xScaleType: 'time',
    xTickFormatter: (at: Date) => format.format(at),
    xTitle: 'Time',
    height: HEIGHT,
    hideFilter: true,
    hideLegend: true,
    empty: 'No point to launch from in this time',
  } as const
  const scale = { yDomain: domainOf(lag, LAG_S_MIN), yTickFormatter: formatSeconds }
  const bytes = { yDomain: domainOf(backlog, BYTES_MIN), yTickFormatter: formatBytes }
  const rates = { yDomain: domainOf(rate, BYTES_MIN), yTickFormatter: rateText }
  return (
    <ColumnLayout columns={3} minColumnWidth={280}>
      <Chart title="Lag">
        <LineChart
          {...shared}
          {...scale}
          ariaLabel="Lag over time"
          series={[{ title: 'Lag', type: 'line', data: lag, valueFormatter: formatSeconds }]}
        />
      </Chart>
      <Chart title="Backlog">
        <AreaChart
          {...shared}
          {...bytes}
          ariaLabel="Backlog over time"
          series={[{ title: 'Backlog', type: 'area', data: backlog, valueFormatter: formatBytes }]}
        />
      </Chart>
      <Chart title="Sent per second">
        <LineChart
          {...shared}
          {...rates}
          empty="Two samples are needed: they are a minute apart"
          ariaLabel="Bytes sent per second over time"
          series={[{ title: 'Sent', type: 'line', data: rate, valueFormatter: rateText }]}
        />
      </Chart>
    </ColumnLayout>
  )
}

interface ChartProps {
  readonly title: string
  readonly children: ReactNode
}

function Chart({ title, children }: ChartProps) {
  return (
    <div>
      <Box variant="h3" padding={{ bottom: 'xs' }}>
        {title}
      </Box>
      {children}
    </div>
  )
}

/** From nothing to the greatest, or to `least` where there is next to nothing. */
function domainOf(data: readonly { readonly y: number }[], least: number): [number, number] {
  return [0, Math.max(least, ...data.map(({ y }) => y))]
}

function rateText(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}
