import { significant, type Row, type Target } from './figure.ts'

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = rows.map(({ figure, ours, peer, ratio, target }) =>
    [figure, ours, peer, significant(ratio), targetText(target), isReached(ratio, target)].join(
      ' | ',
    ),
  )
  const head = [
    'figure | ours | peer’s | ratio | target | reached',
    '--- | --- | --- | --- | --- | ---',
  ]
  return [...head, ...lines].map((line) => `| ${line} |`).join('\n')
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return 'none'
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`
}

function isReached(ratio: number, target: Target | undefined): string {
  if (target === undefined) return ''
  const reached = 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost
  return reached ? 'yes' : '**no**'
}
