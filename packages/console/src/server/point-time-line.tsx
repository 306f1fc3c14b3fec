import type { PointView } from '@landfall/model'
import { positionOf, ticksOf } from './time-line.ts'

/** In the drawing's own units, which the page stretches to its width. */
const WIDTH = 1000
const HEIGHT = 56
const MARGIN = 20
const LINE_Y = 20
const RADIUS = 6

const xOf = (position: number) => MARGIN + position * (WIDTH - 2 * MARGIN)

/** The points that are there, the newest at the right, with consistency and verified marks. */
export function PointTimeLine({ points }: { readonly points: readonly PointView[] }) {
  const taken = points.flatMap(({ takenAt, ...point }) =>
    takenAt === null ? [] : [{ ...point, takenAt, ageSeconds: ageSeconds(takenAt) }],
  )
  const oldest = Math.max(0, ...taken.map((point) => point.ageSeconds))
  const verified = taken.filter((point) => point.verifiedAt !== undefined).length
  const label = `${taken.length} points on a time line, ${verified} of them verified`
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={label}>
      <line x1={xOf(0)} x2={xOf(1)} y1={LINE_Y} y2={LINE_Y} stroke="currentColor" opacity="0.4" />
      {ticksOf(oldest).map(({ at, text }) => (
        <text
          key={text}
          x={xOf(at)}
          y={HEIGHT - 6}
          fontSize="12"
          textAnchor="middle"
          fill="currentColor"
        >
          {text}
        </text>
      ))}
      {taken.map((point) => (
        <Mark key={point.id} point={point} x={xOf(positionOf(point.ageSeconds, oldest))} />
      ))}
    </svg>
  )
}

interface MarkProps {
  readonly point: Pick<PointView, 'id' | 'consistency' | 'verifiedAt'> & {
    readonly takenAt: string
  }
  readonly x: number
}

function Mark({ point, x }: MarkProps) {
  const isVerified = point.verifiedAt !== undefined
  return (
    <g>
      <title>
        {`${point.takenAt}: ${point.consistency ?? 'unknown'}${isVerified ? ', verified' : ''}`}
      </title>
      {isVerified && (
        <circle cx={x} cy={LINE_Y} r={RADIUS + 4} fill="none" stroke="#29ad32" strokeWidth="2" />
      )}
      <circle
        cx={x}
        cy={LINE_Y}
        r={RADIUS}
        fill={point.consistency === 'crash' ? 'none' : 'currentColor'}
        stroke="currentColor"
        strokeWidth="2"
      />
    </g>
  )
}

function ageSeconds(takenAt: string): number {
  return (Date.now() - Date.parse(takenAt)) / 1000
}
