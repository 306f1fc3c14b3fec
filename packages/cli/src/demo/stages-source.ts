import { readFile } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { createUser } from '../commands/users.ts'
import { requireConfiguration } from '../installation/configuration.ts'
import { pathsOf } from '../installation/data-directory.ts'
import { connect } from '../service-client/connect.ts'
import { quoteForShell } from '../shell-quote.ts'
import { formatDuration } from '../table.ts'
import { startDetached } from '../up/up-detached.ts'
import { AcknowledgedRecords } from './acknowledged-records.ts'
import { endInstallation } from './end-installation.ts'
import { buildGuestImage } from './guest-image.ts'
import { freePort } from './free-port.ts'
import { awsOperator, ownOperator } from './operator.ts'
import { type Scene, present } from './scene.ts'
import { SourceMachine } from './source-machine.ts'
import type { Stage } from './story.ts'

const INSTALLER = 'landfall-replication-installer-init'
const INSTALLER_POLICY = 'AWSApplicationMigrationAgentInstallationPolicy'
/** The host, as a guest on QEMU's user networking sees it. */
const HOST_FROM_GUEST = '10.0.2.2'

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
  const key = present(scene, 'installerKey')
  const ca = await readFile(pathsOf(dataDir).certificateAuthority, 'utf8')
  const endpoint = `https://${HOST_FROM_GUEST}:${port}`
  // The way the welcome of `landfall up` tells it.
  const script = [
    'set -e',
    'cd /root',
    `printf %s ${quoteForShell(ca)} > ca.crt`,
    `wget --no-verbose --ca-certificate=ca.crt ${endpoint}/latest/linux/${INSTALLER}`,
    `chmod +x ${INSTALLER}`,
    `export AWS_ACCESS_KEY_ID=${quoteForShell(key.accessKeyId)}`,
    `export AWS_SECRET_ACCESS_KEY=${quoteForShell(key.secretAccessKey)}`,
    `./${INSTALLER} --region ${present(scene, 'region')} --endpoint ${endpoint} ` +
      '--ca-file ca.crt --no-prompt',
    '',
  ].join('\n')
  const said = await present(scene, 'source').run(script, {
    signal: context.signal,
    onLine: (line) => context.output.note(`      | ${line}`),
  })
  const sourceServerID = /\bs-[0-9a-f]{17}\b/.exec(said)?.[0]
  if (sourceServerID === undefined) {
    throw new LandfallError('internal', 'The installer succeeded without naming a source server.')
  }
  scene.sourceServerID = sourceServerID
  return `source server ${sourceServerID}`
}
