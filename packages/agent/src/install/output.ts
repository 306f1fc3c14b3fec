import type { CheckResult } from './checks/check.ts'
import type { Disk } from './disks.ts'
import type { LeftOut } from './left-out.ts'

/**
 * What the installer says, in the order in which MGN's installer says it. Tools read "Installation
 * failed" and "Error details:" to know that it failed.
 */
export class InstallOutput {
  readonly #write: (text: string) => void
  #inStep = false

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  line(text: string): void {
    this.#write(`${text}\n`)
  }

  started(version: string): void {
    this.line(`The installation of the Landfall Replication Agent ${version} has started.`)
  }

  identifying(): void {
    this.line('Identifying the disks to replicate.')
  }

  choices(disks: readonly Disk[]): void {
    this.line('Disks of this machine:')
    for (const disk of disks) {
      const note = disk.isBootDisk ? '  (boot disk, always replicated)' : ''
      this.line(`  ${disk.deviceName}  ${gib(disk.bytes)}${note}`)
    }
  }

  disk(disk: Disk): void {
    this.line(`Disk to replicate: ${disk.deviceName} of size ${gib(disk.bytes)}`)
  }

  leftOut(devices: readonly LeftOut[]): void {
    for (const { deviceNames, why } of devices) {
      this.line(`Left out: ${deviceNames.join(', ')} (${why})`)
    }
  }

  identified(): void {
    this.line('All disks were identified.')
  }

  checks(results: readonly CheckResult[]): void {
    this.line('Checking this machine and its way to the service.')
    for (const result of results) {
      const { name, outcome } = result
      if (outcome === 'failed') {
        for (const problem of result.problems) this.line(`  FAILED   ${name}: ${problem}`)
      } else {
        const word = outcome === 'ok' ? 'ok     ' : 'skipped'
        this.line(`  ${word}  ${name}${result.detail === undefined ? '' : `: ${result.detail}`}`)
      }
    }
  }

  /** Says what is done, and that it finished when it has. */
  async step<T>(text: string, work: () => Promise<T>): Promise<T> {
    this.#write(`${text}... `)
    this.#inStep = true
    const result = await work()
    this.#inStep = false
    this.line('Finished.')
    return result
  }

  installed(sourceServerID: string): void {
    this.line(`Source server ID: ${sourceServerID}`)
    this.line('The Landfall Replication Agent was installed successfully.')
  }

  failed(details: string): void {
    if (this.#inStep) this.line('')
    this.#inStep = false
    this.line('Installation failed')
    this.line(`Error details: ${details}`)
  }
}

const GIB = 1024 ** 3

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
