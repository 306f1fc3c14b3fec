import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Installation, run } from './installation.ts'

const MAIN = join(import.meta.dirname, '..', 'packages', 'agent', 'src', 'main.ts')

/**
 * The agent's program in instance mode, as a process on this machine that is the instance: a launch
 * takes a guest and minutes, and is the demo's subject. Nobody launched this one: its row is put
 * into the service's database by hand, and its identity, which a conversion would leave on its
 * disk, is made here from the service's master key. Everything from there on is the real thing.
 */
export class InstanceAgent implements AsyncDisposable {
  readonly instanceID: string
  readonly folder: string
  readonly #installation: Installation
  #process: ChildProcess | undefined

  private constructor(installation: Installation, instanceID: string, folder: string) {
    this.#installation = installation
    this.instanceID = instanceID
    this.folder = folder
  }

  /** A test instance of a server that is not there, or a cutover instance of one that is. */
  static async create(
    installation: Installation,
    { cutoverOf }: { readonly cutoverOf?: string } = {},
  ): Promise<InstanceAgent> {
    const server = cutoverOf ?? 's-0123456789abcdef0'
    const purpose = cutoverOf === undefined ? 'TEST' : 'CUTOVER'
    const instanceID = `i-${randomBytes(9).toString('hex').slice(0, 17)}`
    const folder = await mkdtemp(join(tmpdir(), 'landfall-instance-'))
    const agent = new InstanceAgent(installation, instanceID, folder)
    await agent.#sql(
      `insert into instances (instance_id, source_server_id, job_id, purpose, state, first_boot,
         disks, created_at)
       values ('${instanceID}', '${server}', '${instanceID}', '${purpose}', 'RUNNING',
         'WAITING', '[]', now())`,
    )
    if (cutoverOf !== undefined) {
      await agent.#sql(
        `update source_servers set state = 'CUTTING_OVER', desired = 'REPLICATING',
           instance_id = '${instanceID}' where source_server_id = '${cutoverOf}'`,
      )
    }
    const identity = {
      instanceID,
      token: await tokenOf(installation, instanceID),
      endpoint: installation.endpoint,
      caCertificatePem: await readFile(installation.caFile, 'utf8'),
    }
    await writeFile(join(folder, 'instance.json'), JSON.stringify(identity))
    return agent
  }

  /** Starts the program, as systemd would after a boot or a kill. */
  start(): void {
    const args = [MAIN, 'run', '--install-dir', this.folder]
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  }

  /** Ends the program by the signal, and returns when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  /** Whether the program has ended by itself. */
  get hasEnded(): boolean {
    return this.#process?.exitCode === 0
  }

  /** What the service would record when it terminates the instance, which it cannot do here. */
  async recordTermination(): Promise<void> {
    await this.#sql(
      `update instances set state = 'TERMINATED' where instance_id = '${this.instanceID}'`,
    )
  }

  /** What it has logged. */
  async log(): Promise<string> {
    return await readFile(join(this.folder, 'agent.log'), 'utf8').catch(() => '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM')
    await rm(this.folder, { recursive: true, force: true })
  }

  async #sql(statement: string): Promise<void> {
    const socket = join(this.#installation.dataDir, 'run', 'postgres')
    const where = ['--host', socket, '--username', 'landfall', '--dbname', 'landfall']
    await run('psql', [...where, '--set', 'ON_ERROR_STOP=1', '--command', statement])
  }
}

/** As packages/service/src/instances/tokens.ts has it. */
async function tokenOf({ dataDir }: Installation, instanceID: string): Promise<string> {
  const masterKey = await readFile(join(dataDir, 'master.key'))
  const key = new Uint8Array(hkdfSync('sha256', masterKey, '', 'landfall instance tokens', 32))
  return createHmac('sha256', key).update(`instance ${instanceID}`).digest('base64url')
}
