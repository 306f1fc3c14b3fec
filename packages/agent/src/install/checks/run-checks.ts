import type { InstallationAssets } from '@landfall/model'
import type { InstallerClient } from '../../service-client/installer-client.ts'
import type { DiskSelection } from '../disk-selection.ts'
import { failed, passed, skipped, type CheckResult } from './check.ts'
import { checkMachine, type MachineFacts } from './machine.ts'
import { checkPrograms } from './programs.ts'
import { checkReplicationPort } from './replication-port.ts'
import { checkService } from './service.ts'
import { checkTracefs, type TracefsSurroundings } from './tracefs.ts'

export interface CheckOptions {
  readonly facts: MachineFacts
  readonly installDir: string
  readonly client: InstallerClient
  readonly tracefs: TracefsSurroundings
  readonly disks: DiskSelection
}

/**
 * Makes all the checks, however many fail, so that one run of the installer tells everything that
 * is to be done. `assets` are there when the service answered.
 */
export async function runChecks(
  options: CheckOptions,
): Promise<{ results: readonly CheckResult[]; assets?: InstallationAssets }> {
  const { facts, installDir, client, tracefs, disks } = options
  const service = await checkService(client)
  const results = [
    ...checkMachine(facts, installDir),
    ...service.results,
    service.assets === undefined
      ? skipped('Replication port', 'the service names its address only to valid credentials')
      : await checkReplicationPort({
          addresses: service.assets.replicationAddresses,
          port: service.assets.replicationPort,
        }),
    await checkTracefs(tracefs),
    await checkPrograms(),
    disks.problems.length === 0
      ? passed('Disks', `${disks.disks.length} to replicate`)
      : failed('Disks', ...disks.problems),
  ]
  return { results, ...(service.assets && { assets: service.assets }) }
}
