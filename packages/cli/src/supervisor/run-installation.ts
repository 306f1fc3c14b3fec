import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '@landfall/model'
import type { Configuration } from '../installation/configuration.ts'
import type { DataPaths } from '../installation/data-directory.ts'
import type { SystemUser } from '../installation/system-user.ts'
import { connect } from '../service-client/connect.ts'
import { boundLogs } from './bounded-logs.ts'
import { compileAhead } from './compile-ahead.ts'
import { keepDatabaseRunning } from './keep-database-running.ts'
import { serviceProcess, stagingProcess } from './programs.ts'
import { stagingAnswers, waitUntilReady } from './readiness.ts'
import { leaveLibvirt, useLibvirt } from './shared-libvirt.ts'
import { keepRunning } from './supervised-process.ts'

export interface InstallationRun {
  readonly paths: DataPaths
  readonly configuration: Configuration
  readonly user: SystemUser
  readonly environment: NodeJS.ProcessEnv
  readonly log: (message: string) => void
  /** Called once: everything answers. */
  readonly onReady: () => Promise<void> | void
  /** Aborted: stop everything, in order. */
  readonly signal: AbortSignal
}

/** How often logs are looked at, and whether libvirt is still there. */
const CARE_MS = 15_000

/**
 * Runs database, service and staging area until the signal is aborted, then stops them: staging
 * area first (it reports to the service), database last. Rejects when one of them keeps failing,
 * after stopping the others. Instances go on running: they are somebody's servers.
 */
export async function runInstallation(run: InstallationRun): Promise<void> {
  const { paths, log } = run
  const stages = { staging: new AbortController(), service: new AbortController() }
  const databaseStop = new AbortController()
  const care = new AbortController()
  await mkdir(paths.run, { recursive: true })
  log('Starting PostgreSQL.')
  const database = await keepDatabaseRunning(run, databaseStop.signal)
  const running: Promise<void>[] = []
  const watch = (program: Promise<void>) => {
    running.push(program)
    program.catch(() => {}) // Reported by orFailure; until somebody waits it is not a defect.
  }
  watch(database.ended)
  try {
    log('Starting libvirt where it does not run yet.')
    await useLibvirt(paths, run.signal)
    log('Starting the service.')
    const serviceProgram = serviceProcess(run)
    await compileAhead(serviceProgram)
    const service = keepRunning(serviceProgram, { signal: stages.service.signal, log })
    watch(service)
    await orFailure(waitUntilReady(run), running)
    await initialiseAccount(run)
    log('Starting the staging area.')
    const stagingProgram = await stagingProcess(run)
    await compileAhead(stagingProgram)
    const stagingStartedAt = new Date()
    const staging = keepRunning(stagingProgram, { signal: stages.staging.signal, log })
    watch(staging)
    await orFailure(stagingAnswers(run, stagingStartedAt), running)
    await run.onReady()
    await orFailure(untilStopped(run, AbortSignal.any([run.signal, care.signal])), running)
  } finally {
    log('Stopping.')
    care.abort()
    stages.staging.abort()
    await settled(running[2])
    stages.service.abort()
    await settled(running[1])
    await leaveLibvirt(paths).catch((error: unknown) => log(`libvirt: ${errorText(error)}`))
    databaseStop.abort()
    await settled(running[0])
  }
}

/** The account of this installation is ready for use: operators need not initialise it first. */
async function initialiseAccount(run: InstallationRun): Promise<void> {
  const client = await connect(run.paths.root)
  await client.mgn('InitializeService', {}, run.signal)
}

/** Waits for `work`, or for the first of the running programs that fails for good. */
async function orFailure(work: Promise<void>, running: readonly Promise<void>[]): Promise<void> {
  await Promise.race([work, ...running])
}

async function untilStopped({ paths, log }: InstallationRun, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(CARE_MS, undefined, { signal }).catch(() => {}) // Aborted: the loop ends.
    if (signal.aborted) return
    await boundLogs(paths.logs).catch((error: unknown) => log(`logs: ${errorText(error)}`))
    await useLibvirt(paths, signal).then(
      ({ started }) => started && log('libvirt had ended; started again.'),
      (error: unknown) => signal.aborted || log(`libvirt: ${errorText(error)}`),
    )
  }
}

/** Its failure was already reported by whoever waited for it first. */
async function settled(program: Promise<void> | undefined): Promise<void> {
  await program?.catch(() => {})
}
