import { existsSync } from 'node:fs'
import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Installation, run } from './installation.ts'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * A replication agent on this machine for some of its disks, installed from the file the service
 * serves, with an access key of the installer's policy, in a folder of its own.
 */
export class InstalledAgent implements AsyncDisposable {
  readonly sourceServerID: string
  readonly installDir: string

  private constructor(sourceServerID: string, installDir: string) {
    this.sourceServerID = sourceServerID
    this.installDir = installDir
  }

  /** Without a key, one is made. */
  static async install(
    installation: Installation,
    devices: readonly string[],
    key?: AccessKey,
  ): Promise<InstalledAgent> {
    const folder = await mkdtemp(join(tmpdir(), 'landfall-agent-'))
    const sourceServerID = await runInstaller(installation, devices, folder, key)
    return new InstalledAgent(sourceServerID, join(folder, 'agent'))
  }

  /** Runs the installer again, for these disks; the ID it says. */
  async reinstall(installation: Installation, devices: readonly string[]): Promise<string> {
    return await runInstaller(installation, devices, join(this.installDir, '..'))
  }

  /** The process that replicates now: a child of the loop that restarts it. Throws between two. */
  async processID(): Promise<number> {
    const loop = (await readFile(join(this.installDir, 'agent.pid'), 'utf8')).trim()
    const children = await readFile(`/proc/${loop}/task/${loop}/children`, 'utf8')
    for (const child of children.trim().split(' ')) {
      if ((await readlink(`/proc/${child}/exe`)).endsWith('/bin/node')) return Number(child)
    }
    throw new Error('The agent is being restarted')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const uninstall = join(this.installDir, 'uninstall-agent.sh')
    // An agent whose server was disconnected has uninstalled itself.
    if (existsSync(uninstall)) await run(uninstall, [])
    await rm(join(this.installDir, '..'), { recursive: true, force: true })
  }
}

/** The access key of a new user who may install agents. */
export async function createInstallerKey(installation: Installation): Promise<AccessKey> {
  const user = `installer-${process.pid}-${Date.now()}`
  const policy = ['--policy', 'AWSApplicationMigrationAgentInstallationPolicy']
  const answer = await installation.landfall('users', 'create', user, ...policy, '--json')
  return JSON.parse(answer) as AccessKey
}

async function runInstaller(
  installation: Installation,
  devices: readonly string[],
  folder: string,
  givenKey?: AccessKey,
): Promise<string> {
  const key = givenKey ?? (await createInstallerKey(installation))
  const installer = join(folder, 'landfall-replication-installer-init')
  const url = `${installation.endpoint}/latest/linux/landfall-replication-installer-init`
  await run('curl', ['-sSf', '--cacert', installation.caFile, '-o', installer, url])
  await run('chmod', ['+x', installer])
  const options = ['--no-prompt', '--force-volumes', '--devices', devices.join(',')]
  const target = ['--endpoint', installation.endpoint, '--ca-file', installation.caFile]
  const { stdout } = await run(
    installer,
    ['--region', 'lf-local-1', ...options, ...target, '--install-dir', join(folder, 'agent')],
    {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      },
    },
  )
  const sourceServerID = /\bs-[0-9a-f]{17}\b/.exec(stdout)?.[0]
  if (sourceServerID === undefined) throw new Error(`No source server ID in:\n${stdout}`)
  return sourceServerID
}
