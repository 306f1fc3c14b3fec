import { readFile } from 'node:fs/promises'
import { createUser } from '../commands/users.ts'
import { requireConfiguration } from '../installation/configuration.ts'
import { pathsOf } from '../installation/data-directory.ts'
import { connect } from '../service-client/connect.ts'
import { formatDuration } from '../table.ts'
import { startDetached } from '../up/up-detached.ts'
import { AcknowledgedRecords } from './acknowledged-records.ts'
import { endInstallation } from './end-installation.ts'
import { buildGuestImage } from './guest-image.ts'
import { freePort } from './free-port.ts'
import { installAgent } from './install-agent.ts'
import { awsOperator, ownOperator } from './operator.ts'
import { type Scene, present } from './scene.ts'
import { SourceMachine } from './source-machine.ts'
import type { Stage } from './story.ts'

const INSTALLER_POLICY = 'AWSApplicationMigrationAgentInstallationPolicy'

/** From nothing to a running source server with an agent in it. */
export const SOURCE_STAGES: readonly Stage<Scene>[] = [
  { steps: '', title: 'build a Debian 12 server', tell: buildImage },
  { steps: '', title: 'boot it on foreign hardware (SATA disk, Intel e1000)', tell: bootSource },
  { steps: '', title: 'start Landfall', tell: startLandfall },
  { steps: '', title: 'start a writer in the server', tell: startWriter },
  { steps: 'A-1', title: 'create the IAM user and access key', tell: createInstaller },
  { steps: 'A-1 B-1 B-2', title: 'fetch the agent and install it in the server', tell: install },
]

async function buildImage(scene: Scene): Promise<string> {
  const { context, options, accelerator } = scene
  scene.image = await buildGuestImage({
    cacheDir: options.workDir,
    accelerator,
    signal: context.signal,
    onProgress: (message) => context.output.note(`      ${message}`),
  })
  return `disk image ${scene.image.path}`
}

async function bootSource(scene: Scene): Promise<string> {
  const { context, folder, accelerator, onEnd, options } = scene
  const source = await SourceMachine.boot({
    image: present(scene, 'image'),
    folder,
    sshPort: await freePort(),
    accelerator,
    signal: context.signal,
    onProgress: (seconds) =>
      context.output.progress(`      booting for ${formatDuration(seconds)} (${accelerator})`),
  })
  scene.source = source
  if (options.keep) source.leaveRunning()
  else onEnd.use(source)
  const kernel = await source.run('uname -r', { signal: context.signal })
  return `running, kernel ${kernel.trim()}`
}

async function startLandfall(scene: Scene): Promise<string> {
  const { context, dataDir, port, replicationPort, onEnd, options } = scene
  if (!options.keep) onEnd.defer(() => endInstallation(scene))
  const environment = { ...context.environment, LANDFALL_ACCELERATOR: scene.accelerator }
  const options_ = { dataDir, port, replicationPort, address: [] }
  await startDetached({ ...context, environment }, options_)
  scene.client = await connect(dataDir)
  scene.region = (await requireConfiguration(pathsOf(dataDir))).region
  scene.operator =
    options.awsCli === undefined
      ? ownOperator(scene.client, context.signal)
      : await awsOperator(options.awsCli, dataDir, context)
  await scene.operator('InitializeService', {})
  return `service on port ${port}, replication on port ${replicationPort}`
}

async function startWriter(scene: Scene): Promise<string> {
  const writer = new AcknowledgedRecords(present(scene, 'source'), 'landfall-demo-writer')
  scene.writer = writer
  scene.onEnd.use(writer)
  await writer.untilRecord(1, scene.context.signal)
  return 'numbered, checksummed records, one fsync each; it goes on to the end'
}

async function createInstaller(scene: Scene): Promise<string> {
  scene.installerKey = await createUser(scene.dataDir, 'installer', [INSTALLER_POLICY])
  return `user installer, access key ${scene.installerKey.accessKeyId}`
}

async function install(scene: Scene): Promise<string> {
  const { context, dataDir, port } = scene
  scene.sourceServerID = await installAgent(present(scene, 'source'), {
    port,
    region: present(scene, 'region'),
    key: present(scene, 'installerKey'),
    caCertificatePem: await readFile(pathsOf(dataDir).certificateAuthority, 'utf8'),
    signal: context.signal,
    onLine: (line) => context.output.note(`      | ${line}`),
  })
  return `source server ${scene.sourceServerID}`
}
