import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Agent } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import {
  type DataReplicationInfo,
  DescribeReplicationConfigurationTemplatesCommand,
  DescribeSourceServersCommand,
  MgnClient,
  type SourceServer,
  UpdateReplicationConfigurationCommand,
  UpdateReplicationConfigurationTemplateCommand,
} from '@aws-sdk/client-mgn'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export const run = promisify(execFile)

/** The one entry, as a user runs it. */
export const LANDFALL = join(import.meta.dirname, '..', 'landfall')

/** Exit status and output of `landfall`, whatever they are. A signal that ended it is rejected. */
export async function landfall(...args: readonly string[]) {
  return await new Promise<{ status: number; stdout: string; stderr: string }>(
    (resolve, reject) => {
      execFile(LANDFALL, args, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code
        if (typeof status === 'number') resolve({ status, stdout, stderr })
        else reject(error)
      })
    },
  )
}

/** Output of exports and verifications is small; fio's is not. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * A whole Landfall of its own: service, database and staging area in a temporary data directory on
 * free ports, started by `landfall up --detach` and stopped by `landfall down`.
 */
export class Installation implements AsyncDisposable {
  readonly dataDir: string
  readonly port: number
  readonly replicationPort: number

  private constructor(dataDir: string, port: number, replicationPort: number) {
    this.dataDir = dataDir
    this.port = port
    this.replicationPort = replicationPort
  }

  /** `within`: the folder for its data directory. */
  static async start(within = tmpdir()): Promise<Installation> {
    const dataDir = await mkdtemp(join(within, 'landfall-test-'))
    // The staging area and PostgreSQL run as a user of their own and must pass through it.
    await chmod(dataDir, 0o711)
    const installation = new Installation(dataDir, await freePort(), await freePort())
    await installation.landfall(
      'up',
      '--detach',
      '--port',
      String(installation.port),
      '--replication-port',
      String(installation.replicationPort),
    )
    return installation
  }

  get endpoint(): string {
    return `https://127.0.0.1:${this.port}`
  }

  get caFile(): string {
    return join(this.dataDir, 'ca', 'ca.crt')
  }

  /** Runs a subcommand on this installation; its standard output. Fails with all it printed. */
  async landfall(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(LANDFALL, [...args, '--data-dir', this.dataDir], {
      maxBuffer: OUTPUT_BYTES_MAX,
    })
    return stdout
  }

  /** What a client of the API needs to be the administrator. */
  async administrator() {
    const credentials = JSON.parse(
      await readFile(join(this.dataDir, 'credentials.json'), 'utf8'),
    ) as { accessKeyId: string; secretAccessKey: string }
    const { region } = JSON.parse(await readFile(join(this.dataDir, 'config.json'), 'utf8')) as {
      region: string
    }
    return { credentials, region }
  }

  /** The real SDK client of MGN, as the administrator. */
  async client(): Promise<MgnClient> {
    return new MgnClient({
      endpoint: this.endpoint,
      ...(await this.administrator()),
      requestHandler: new NodeHttpHandler({
        httpsAgent: new Agent({ ca: await readFile(this.caFile, 'utf8') }),
      }),
    })
  }

  /** The one source server with this ID, as DescribeSourceServers shows it. */
  async sourceServer(sourceServerID: string): Promise<SourceServer> {
    const client = await this.client()
    const answer = await client.send(
      new DescribeSourceServersCommand({ filters: { sourceServerIDs: [sourceServerID] } }),
    )
    const server = answer.items?.[0]
    if (server === undefined) throw new Error(`The service does not know ${sourceServerID}`)
    return server
  }

  /** For the servers installed from now on. */
  async throttleNewServers(mbps: number): Promise<void> {
    const client = await this.client()
    const { items } = await client.send(new DescribeReplicationConfigurationTemplatesCommand({}))
    await client.send(
      new UpdateReplicationConfigurationTemplateCommand({
        replicationConfigurationTemplateID: items?.[0]?.replicationConfigurationTemplateID,
        bandwidthThrottling: mbps,
      }),
    )
  }

  async liftThrottle(sourceServerID: string): Promise<void> {
    const client = await this.client()
    const unlimited = { sourceServerID, bandwidthThrottling: 0 }
    await client.send(new UpdateReplicationConfigurationCommand(unlimited))
  }

  /**
   * Waits until data replication of the server is CONTINUOUS and it is launchable; a service that
   * does not answer at present may still come back.
   */
  async untilContinuous(sourceServerID: string, timeoutMs = 120_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const info = await this.sourceServer(sourceServerID).then(
        (server) => server.dataReplicationInfo,
        (error: unknown) => error,
      )
      if (isContinuous(info)) return
      if (Date.now() > deadline) {
        throw new Error(`${sourceServerID} is not CONTINUOUS in time: ${inspect(info)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }

  /** Ends its instances too, which an operator's `landfall down` leaves running. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const instanceID of await readdir(join(this.dataDir, 'instances')).catch(() => [])) {
      const virsh = (...args: readonly string[]) =>
        run('virsh', ['-c', 'qemu:///system', ...args]).catch(() => 'it is gone already')
      await virsh('destroy', `landfall-${instanceID}`)
      await virsh('undefine', `landfall-${instanceID}`, '--managed-save', '--nvram')
    }
    await this.landfall('down')
    await rm(this.dataDir, { recursive: true })
  }
}

function isContinuous(info: unknown): boolean {
  const { dataReplicationState, lagDuration } = (info ?? {}) as DataReplicationInfo
  return dataReplicationState === 'CONTINUOUS' && lagDuration !== undefined
}

/** A TCP port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}
