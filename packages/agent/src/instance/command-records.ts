import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceCommandResult } from '@landfall/model'
import { writeFileAtomic } from '../agent-files.ts'

/**
 * Commands whose end the service has taken that are remembered: it names none of them again, unless
 * its database was brought back from a backup.
 */
const REMEMBERED_MAX = 1000

/** Service and file system agree on it: nothing else becomes a file's name. */
const COMMAND_ID = /^[0-9a-f-]{36}$/

interface CommandRecord {
  readonly commandID: string
  readonly begunAt: string
  /** How it ended; absent while it runs, or when nobody saw its end. */
  readonly result?: InstanceCommandResult
  /** The service knows. */
  readonly isTaken?: true
}

/**
 * What this agent has run, durably: a command is written down before it is begun, and never begun
 * when it is written down already.
 */
export class CommandRecords {
  readonly #folder: string
  readonly #records: Map<string, CommandRecord>

  private constructor(folder: string, records: readonly CommandRecord[]) {
    this.#folder = folder
    this.#records = new Map(records.map((record) => [record.commandID, record]))
  }

  static async open(folder: string): Promise<CommandRecords> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const records: CommandRecord[] = []
    for (const name of await readdir(folder)) {
      const commandID = name.replace(/\.json$/, '')
      if (name === commandID || !COMMAND_ID.test(commandID)) continue
      records.push(await readRecord(join(folder, name), commandID))
    }
    records.sort((a, b) => (a.begunAt < b.begunAt ? -1 : 1))
    return new CommandRecords(folder, records)
  }

  /** The command's own folder. */
  folderOf(commandID: string): string {
    return join(this.#folder, commandID)
  }

  /** Open: begun, or ended and not known to the service. */
  stateOf(commandID: string): 'unknown' | 'open' | 'taken' {
    const record = this.#records.get(commandID)
    if (record === undefined) return 'unknown'
    return record.isTaken === true ? 'taken' : 'open'
  }

  /** Begun, and ended by nobody. */
  unfinished(): string[] {
    return this.#idsOf((record) => record.result === undefined)
  }

  /** Ended, and not known to the service. */
  untaken(): InstanceCommandResult[] {
    return [...this.#records.values()].flatMap(({ result, isTaken }) =>
      result === undefined || isTaken === true ? [] : [result],
    )
  }

  /** To be called before anything of the command is done. */
  async begin(commandID: string): Promise<void> {
    await this.#write({ commandID, begunAt: new Date().toISOString() })
  }

  async finish(result: InstanceCommandResult): Promise<void> {
    const { commandID } = result
    const begunAt = this.#records.get(commandID)?.begunAt ?? new Date().toISOString()
    await this.#write({ commandID, begunAt, result })
    await rm(this.folderOf(commandID), { recursive: true, force: true })
  }

  /** The service knows how it ended: what it wrote is not needed here any more. */
  async taken({ commandID }: InstanceCommandResult): Promise<void> {
    const record = this.#records.get(commandID)
    if (record?.result === undefined) return
    const { status } = record.result
    await this.#write({ ...record, result: { commandID, status, steps: [] }, isTaken: true })
    const old = this.#idsOf((one) => one.isTaken === true).slice(0, -REMEMBERED_MAX)
    for (const id of old) {
      this.#records.delete(id)
      await rm(this.#fileOf(id), { force: true })
    }
  }

  #idsOf(is: (record: CommandRecord) => boolean): string[] {
    return [...this.#records.values()].filter(is).map((record) => record.commandID)
  }

  #fileOf(commandID: string): string {
    return join(this.#folder, `${commandID}.json`)
  }

  /** What cannot be written is remembered as long as this agent runs. */
  async #write(record: CommandRecord): Promise<void> {
    this.#records.set(record.commandID, record)
    if (!COMMAND_ID.test(record.commandID)) throw new Error('this is not the ID of a command')
    await writeFileAtomic(this.#fileOf(record.commandID), JSON.stringify(record))
    // Else the file might not be there after a loss of power, and the command be run again.
    await using folder = await open(this.#folder)
    await folder.sync()
  }
}

/** A damaged one says nothing but that the command was begun. */
async function readRecord(path: string, commandID: string): Promise<CommandRecord> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as CommandRecord
    if (record.commandID === commandID) return record
  } catch {
    // Told by what follows from it: the command was interrupted.
  }
  return { commandID, begunAt: '' }
}
