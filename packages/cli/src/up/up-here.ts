import { LandfallError } from '@landfall/model'
import type { CommandContext } from '../commands/context.ts'
import type { UpOptions } from '../commands/up.ts'
import { settleConfiguration } from '../installation/configuration.ts'
import { type DataPaths, pathsOf } from '../installation/data-directory.ts'
import { agentAddresses } from '../installation/own-addresses.ts'
import { prepareDataDirectory } from '../installation/prepare-data-directory.ts'
import { ensureSystemUser } from '../installation/system-user.ts'
import { endLeftovers } from '../supervisor/leftovers.ts'
import { type Lock, isLock, takeLock } from '../supervisor/lock.ts'
import { requireFreePort } from '../supervisor/port-holder.ts'
import { runInstallation } from '../supervisor/run-installation.ts'
import { type ParentMessage, failedMessage } from './parent-message.ts'
import { publishConsole } from './publish-console.ts'
import { publishInstaller } from './publish-installer.ts'
import { isFirstStart, printWelcome } from './welcome.ts'

/** Runs the installation in this process until it is told to stop. */
export async function upHere(context: CommandContext, options: UpOptions): Promise<void> {
  const tellParent = (message: ParentMessage) => context.tellParent?.(message)
  const log = (message: string) => {
    context.output.note(`${new Date().toISOString()} ${message}`)
    tellParent({ kind: 'log', message })
  }
  try {
    await run(context, options, log, () => tellParent({ kind: 'ready' }))
  } catch (error) {
    tellParent(failedMessage(error))
    throw error
  }
}

async function run(
  context: CommandContext,
  options: UpOptions,
  log: (message: string) => void,
  ready: () => void,
): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new LandfallError('access_denied', '`landfall up` needs root: run it with sudo.')
  }
  const paths = pathsOf(options.dataDir)
  const user = await ensureSystemUser(log)
  await prepareDataDirectory(paths, user)
  using _lock = await lockInstallation(paths)
  await endLeftovers(paths, log)
  await requireFreePort(options.port, '--port')
  await requireFreePort(options.replicationPort, '--replication-port')
  const firstStart = await isFirstStart(paths)
  const configuration = await settleConfiguration(paths, {
    port: options.port,
    replicationPort: options.replicationPort,
    addresses: agentAddresses(options.address),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.accountId === undefined ? {} : { accountID: options.accountId }),
  })
  const { environment, signal, output } = context
  log("Preparing the replication agent's installer.")
  await publishInstaller(paths, signal)
  log('Preparing the console.')
  await publishConsole(paths, signal)
  const onReady = async () => {
    ready()
    // Who started this in the background prints it there: the key must not end up in a log.
    if (context.tellParent !== undefined) return
    await printWelcome(output, paths, { firstStart, json: options.json ?? false })
  }
  await runInstallation({ paths, configuration, user, environment, log, onReady, signal })
}

async function lockInstallation(paths: DataPaths): Promise<Lock> {
  const taken = await takeLock(paths.lock)
  if (isLock(taken)) return taken
  const holder = taken.heldBy === undefined ? 'another process' : `process ${taken.heldBy.pid}`
  throw new LandfallError(
    'conflict',
    `${paths.root} is already up, run by ${holder}. \`landfall status --data-dir ${paths.root}\` ` +
      'shows it; `landfall down` stops it.',
  )
}
