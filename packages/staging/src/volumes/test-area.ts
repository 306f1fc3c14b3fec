import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { StagingArea } from './staging-area.ts'

export interface TestArea {
  readonly folder: string
  readonly log: string[]
  area: StagingArea
  /** Run after the daemons have ended. */
  readonly atEnd: (() => Promise<unknown>)[]
  /** Opens the area again, as a new process would, without having closed it. */
  reopen(): Promise<void>
}

/** A staging area with real storage daemons in a folder that goes with the test. */
export async function openTestArea(t: TestContext): Promise<TestArea> {
  const folder = await mkdtemp(join(tmpdir(), 'area-'))
  const log: string[] = []
  const open = (): Promise<StagingArea> =>
    StagingArea.open({
      stagingDir: join(folder, 'staging'),
      runDir: join(folder, 'run'),
      logDir: join(folder, 'logs'),
      log: (message) => log.push(message),
      reportTrouble: () => undefined,
    })
  const opened = [await open()]
  const test: TestArea = {
    folder,
    log,
    atEnd: [],
    area: opened[0] as StagingArea,
    async reopen() {
      opened.push((test.area = await open()))
    },
  }
  t.after(async () => {
    for (const area of opened) await area[Symbol.asyncDispose]()
    for (const end of test.atEnd) await end()
    await rm(folder, { recursive: true })
  })
  return test
}
