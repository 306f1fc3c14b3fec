import { formatBytes, formatDuration, formatTable } from '../table.ts'
import type { Scene } from './scene.ts'
import type { ToldStage } from './story.ts'

/** What the demo has to show for itself: the time of each stage, then the figures of the whole. */
export function finalTable(
  told: readonly ToldStage[],
  scene: Pick<Scene, 'traffic' | 'freezes' | 'accelerator'>,
  totalSeconds: number,
): string {
  const stages = formatTable(
    ['STEPS', 'STAGE', 'TIME', 'RESULT'],
    told.map((stage) => [stage.steps, stage.title, formatDuration(stage.seconds), stage.result]),
  )
  const freezes = scene.freezes.map((ms) => `${Math.round(ms)} ms`).join(', ')
  const figures = formatTable(
    ['FIGURE', 'VALUE'],
    [
      ['bytes read on the source', formatBytes(scene.traffic?.readBytes ?? 0)],
      ['bytes on the wire', formatBytes(scene.traffic?.wireBytes ?? 0)],
      ['freeze for the points (test, cutover)', freezes],
      ['whole story', `${formatDuration(totalSeconds)} (${scene.accelerator})`],
    ],
  )
  return `\n${stages}\n\n${figures}`
}
