import { randomInt } from 'node:crypto'
import { LandfallError } from '@landfall/model'
import type { DataPaths } from './data-directory.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'

/** `config.json`: what one installation is, written by the first `up`. */
export interface Configuration {
  readonly region: string
  readonly accountID: string
  readonly port: number
  readonly replicationPort: number
  /** Where agents find this machine, in the order in which they try. */
  readonly addresses: readonly string[]
}

export const REGION_DEFAULT = 'lf-local-1'

/** The ARN patterns of the API's model accept only regions of this form. */
const REGION_PATTERN = /^[a-z]{2}-[a-z]+-\d$/
const ACCOUNT_PATTERN = /^\d{12}$/

export async function readConfiguration(paths: DataPaths): Promise<Configuration | undefined> {
  return (await readJsonFile(paths.config)) as Configuration | undefined
}

/** Like readConfiguration, for commands that need an installation: says how to get one. */
export async function requireConfiguration(paths: DataPaths): Promise<Configuration> {
  const found = await readConfiguration(paths)
  if (found !== undefined) return found
  throw new LandfallError(
    'unavailable',
    `No landfall installation in ${paths.root}: start one with \`landfall up --data-dir ` +
      `${paths.root}\`, or name the right one with --data-dir.`,
  )
}

export interface ConfigurationWishes {
  readonly region?: string
  readonly accountID?: string
  readonly port: number
  readonly replicationPort: number
  readonly addresses: readonly string[]
}

/**
 * Writes the configuration this start asks for. Ports and addresses may change from start to
 * start; region and account are in every ARN handed out, so they are those of the first start.
 */
export async function settleConfiguration(paths: DataPaths, wishes: ConfigurationWishes) {
  const before = await readConfiguration(paths)
  const region = wishes.region ?? before?.region ?? REGION_DEFAULT
  const accountID = wishes.accountID ?? before?.accountID ?? randomAccountID()
  if (!REGION_PATTERN.test(region)) {
    throw new LandfallError('validation', `--region ${region}: use the form ${REGION_DEFAULT}.`)
  }
  if (!ACCOUNT_PATTERN.test(accountID)) {
    throw new LandfallError('validation', `--account-id ${accountID}: twelve digits are needed.`)
  }
  if (before !== undefined && (before.region !== region || before.accountID !== accountID)) {
    throw new LandfallError(
      'conflict',
      `${paths.root} was set up as region ${before.region}, account ${before.accountID}; ` +
        'these cannot change. Start without --region and --account-id, or with another --data-dir.',
    )
  }
  const { port, replicationPort, addresses } = wishes
  // What an administrator wrote into it besides stays.
  const configuration: Configuration = {
    ...before,
    region,
    accountID,
    port,
    replicationPort,
    addresses,
  }
  await writeJsonFile(paths.config, configuration, 0o644)
  return configuration
}

function randomAccountID(): string {
  return String(randomInt(100_000_000_000, 1_000_000_000_000))
}
