import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from '@landfall/model'
import type { CommandContext } from '../commands/context.ts'
import type { UpOptions } from '../commands/up.ts'
import { pathsOf } from '../installation/data-directory.ts'
import { type ParentMessage, failureOf } from './parent-message.ts'
import { isFirstStart, printWelcome } from './welcome.ts'

/** `landfall up --detach`: starts the installation in the background and welcomes. */
export async function upDetached(context: CommandContext, options: UpOptions): Promise<void> {
  const paths = pathsOf(options.dataDir)
  const firstStart = await isFirstStart(paths)
  await startDetached(context, options)
  await printWelcome(context.output, paths, { firstStart, json: options.json ?? false })
}

/** Starts the installation in the background; returns once it is ready, or throws why not. */
export async function startDetached(context: CommandContext, options: UpOptions): Promise<void> {
  const { signal } = context
  const paths = pathsOf(options.dataDir)
  await mkdir(paths.logs, { recursive: true })
  const logFile = join(paths.logs, 'up.log')
  const { child, ready } = await startInBackground(context, options, logFile)
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop)
  try {
    await ready
  } finally {
    signal.removeEventListener('abort', stop)
    if (child.connected) child.disconnect()
    child.unref()
  }
}

async function startInBackground(
  { mainPath, environment, output }: CommandContext,
  options: UpOptions,
  logFile: string,
): Promise<{ child: ChildProcess; ready: Promise<void> }> {
  await using log = await open(logFile, 'a', 0o640)
  const child = spawn(process.execPath, [mainPath, ...argumentsOf(options)], {
    cwd: '/',
    detached: true,
    env: environment,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  })
  const ready = untilReady(child, logFile, (message) => output.note(message))
  ready.catch(() => {}) // Whoever waits for it hears of it; it may fail before anybody does.
  return { child, ready }
}

function argumentsOf(options: UpOptions): string[] {
  return [
    'up',
    ...['--data-dir', options.dataDir],
    ...['--port', String(options.port)],
    ...['--replication-port', String(options.replicationPort)],
    ...(options.address.length === 0 ? [] : ['--address', options.address.join(',')]),
    ...(options.region === undefined ? [] : ['--region', options.region]),
    ...(options.accountId === undefined ? [] : ['--account-id', options.accountId]),
  ]
}

async function untilReady(
  child: ChildProcess,
  logFile: string,
  note: (message: string) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit status ${code}`
      reject(new LandfallError('unavailable', `The start ended early (${how}). See ${logFile}.`))
    })
    child.on('message', (message: ParentMessage) => {
      if (message.kind === 'log') note(message.message)
      else if (message.kind === 'ready') resolve()
      else reject(failureOf(message))
    })
  })
}
