import { formatDuration } from '../table.ts'
import type { Output } from '../output.ts'

/** One stage of the demo. The story is a table of them, told in order. */
export interface Stage<Scene> {
  /** The mission's own names of the steps it shows: `C-1 C-2 C-3`; empty for preparations. */
  readonly steps: string
  readonly title: string
  /**
   * Does it, or throws why it is not as promised. What it returns is its line in the last table.
   */
  readonly tell: (scene: Scene) => Promise<string>
}

/** A stage that came to a good end. */
export interface ToldStage {
  readonly steps: string
  readonly title: string
  readonly seconds: number
  readonly result: string
}

/** Tells the stages one after the other; the first that fails ends the story with its error. */
export async function tellStory<Scene>(
  stages: readonly Stage<Scene>[],
  scene: Scene,
  options: { readonly output: Output; readonly signal: AbortSignal; readonly now: () => number },
): Promise<ToldStage[]> {
  const { output, signal, now } = options
  const told: ToldStage[] = []
  for (const [index, { steps, title, tell }] of stages.entries()) {
    signal.throwIfAborted()
    const name = steps === '' ? title : `${steps}  ${title}`
    output.note(`[${index + 1}/${stages.length}] ${name}`)
    const startedAt = now()
    const result = await tell(scene)
    const seconds = (now() - startedAt) / 1000
    output.note(`      ${result} (${formatDuration(seconds)})`)
    told.push({ steps, title, seconds, result })
  }
  return told
}
