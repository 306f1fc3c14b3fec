import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { detectAccelerator } from '@landfall/launch'
import { LandfallError, errorCode, errorText } from '@landfall/model'
import type { CommandContext } from '../commands/context.ts'
import type { DemoOptions } from '../commands/demo.ts'
import { finalTable } from './final-table.ts'
import { freePort } from './free-port.ts'
import type { Scene } from './scene.ts'
import { LAUNCH_STAGES } from './stages-launch.ts'
import { REPLICATION_STAGES } from './stages-replication.ts'
import { SOURCE_STAGES } from './stages-source.ts'
import { tellStory } from './story.ts'

const STORY = [...SOURCE_STAGES, ...REPLICATION_STAGES, ...LAUNCH_STAGES]

/**
 * Tells the whole story and prints the final table; throws when anything is not as promised, naming
 * the cause and the folder with the logs. Ends every process it started, unless told to keep them.
 */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<void> {
  const { output, signal } = context
  if (process.getuid?.() !== 0) {
    throw new LandfallError('access_denied', '`landfall demo` needs root: run it with sudo.')
  }
  const startedAt = Date.now()
  const { accelerator, reason } = await detectAccelerator({ override: options.accelerator, signal })
  output.note(`Virtual machines run on ${accelerator}: ${reason}.`)
  await mkdir(options.workDir, { recursive: true, mode: 0o755 })
  const folder = await mkdtemp(join(options.workDir, 'run-'))
  await chmod(folder, 0o711) // The staging area, as its own user, has its data below it.
  const onEnd = new AsyncDisposableStack()
  const scene: Scene = {
    context,
    options,
    folder,
    dataDir: join(folder, 'data'),
    port: await freePort(),
    replicationPort: await freePort(),
    accelerator,
    onEnd,
    freezes: [],
  }
  try {
    const told = await tellStory(STORY, scene, { output, signal, now: () => Date.now() })
    output.line(finalTable(told, scene, (Date.now() - startedAt) / 1000))
  } catch (error) {
    await onEnd.disposeAsync()
    // Interrupted, there is nothing to look into.
    if (signal.aborted) await rm(folder, { recursive: true })
    throw failure(error, folder)
  }
  await onEnd.disposeAsync()
  if (options.keep) printKept(scene)
  else await rm(folder, { recursive: true })
}

function failure(error: unknown, folder: string): LandfallError {
  return new LandfallError(
    errorCode(error),
    `The demo failed: ${errorText(error)}\nThe logs are in ${folder}/data/logs, the source's console ` +
      `is ${folder}/source-serial.log, the instances' are ${folder}/data/instances/*/serial.log`,
    { cause: error instanceof LandfallError ? undefined : error },
  )
}

function printKept({ context, dataDir, source, instanceID }: Scene): void {
  const { output } = context
  output.note('')
  output.note(
    `Kept: installation ${dataDir}, instance ${instanceID}, source in process ${source?.pid}`,
  )
  output.note(`  landfall status --data-dir ${dataDir}`)
  output.note(`  virsh -c qemu:///system list`)
  output.note(`Ending them: landfall down --data-dir ${dataDir}; kill ${source?.pid}`)
}
