import { readFile } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import type { Credentials } from '../service-client/installer-client.ts'
import { proxyFor } from '../service-client/proxy.ts'
import { splitDevices, type DiskWish } from './disk-selection.ts'
import type { Prompter } from './prompter.ts'

/** The flags as the command line has them. */
export interface InstallFlags {
  readonly region?: string
  readonly awsAccessKeyId?: string
  readonly awsSecretAccessKey?: string
  readonly awsSessionToken?: string
  /** False with `--no-prompt`. */
  readonly prompt: boolean
  readonly devices?: string
  readonly forceVolumes?: boolean
  readonly tags?: readonly string[]
  /** Accepted for MGN's sake. */
  readonly s3Endpoint?: string
  readonly endpoint?: string
  readonly userProvidedId?: string
  /** False with `--no-replication`. */
  readonly replication: boolean
  readonly caFile?: string
  readonly installDir: string
}

/** Everything the installation needs to know, valid in itself. */
export interface InstallAnswers {
  readonly endpoint: URL
  readonly region: string
  readonly credentials: Credentials
  readonly caPem?: string
  /** The way to the service, for the running agent too. */
  readonly proxy?: URL
  readonly disks: DiskWish
  readonly tags: Readonly<Record<string, string>>
  readonly userProvidedID?: string
  readonly noReplication: boolean
  readonly installDir: string
}

/** Where the service listens unless `landfall up --port` said otherwise. */
const DEFAULT_PORT = 8443

/** AWS's own limits for tags. */
const TAGS_MAX = 50
const TAG_CHARACTERS_MAX = 256

/** Temporary access keys begin so; only they come with a session token. */
const TEMPORARY_KEY_PREFIX = 'ASIA'

/**
 * Completes the flags from the environment (the AWS tools' names), then by asking for what is still
 * missing. Throws one `validation` error that lists everything wrong, or missing under
 * `--no-prompt`.
 */
export async function gatherAnswers(
  flags: InstallFlags,
  env: Readonly<Record<string, string | undefined>>,
  prompter: Prompter,
): Promise<InstallAnswers> {
  const missing: string[] = []
  const obtain = async (
    given: string | undefined,
    flag: string,
    ask: () => Promise<string>,
  ): Promise<string> => {
    const value = given ?? (flags.prompt ? await ask() : '')
    if (value === '') missing.push(`${flag} is missing.`)
    return value
  }
  const region = await obtain(
    flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
    '--region',
    () => prompter.ask('Region name (lf-local-1 unless yours has another): '),
  )
  const endpoint = await obtain(flags.endpoint ?? env['AWS_ENDPOINT_URL'], '--endpoint', () =>
    prompter.ask(`Address of the service (https://HOST:${DEFAULT_PORT}): `),
  )
  const accessKeyId = await obtain(
    flags.awsAccessKeyId ?? env['AWS_ACCESS_KEY_ID'],
    '--aws-access-key-id',
    () => prompter.ask('Access key ID: '),
  )
  const secretAccessKey = await obtain(
    flags.awsSecretAccessKey ?? env['AWS_SECRET_ACCESS_KEY'],
    '--aws-secret-access-key',
    () => prompter.askHidden('Secret access key (not shown): '),
  )
  const sessionToken = accessKeyId.startsWith(TEMPORARY_KEY_PREFIX)
    ? await obtain(flags.awsSessionToken ?? env['AWS_SESSION_TOKEN'], '--aws-session-token', () =>
        prompter.askHidden('Session token (not shown): '),
      )
    : flags.awsSessionToken
  const tags = parseTags(flags.tags ?? [])
  const url = parseEndpoint(endpoint)
  const way = proxyFor(url.endpoint, env)
  const ca =
    flags.caFile === undefined
      ? await readCa('AWS_CA_BUNDLE', env['AWS_CA_BUNDLE'])
      : await readCa('--ca-file', flags.caFile)
  throwIfAny([
    ...missing,
    ...flagProblems(flags),
    ...tags.problems,
    ...(endpoint === '' ? [] : url.problems),
    ...way.problems,
    ...ca.problems,
  ])
  return {
    endpoint: url.endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    ...(ca.pem === undefined ? {} : { caPem: ca.pem }),
    ...(way.proxy && { proxy: way.proxy }),
    disks: { paths: splitDevices(flags.devices ?? ''), force: flags.forceVolumes === true },
    tags: tags.tags,
    ...(flags.userProvidedId === undefined ? {} : { userProvidedID: flags.userProvidedId }),
    noReplication: !flags.replication,
    installDir: flags.installDir,
  }
}

function flagProblems(flags: InstallFlags): string[] {
  const problems: string[] = []
  if (flags.forceVolumes === true && splitDevices(flags.devices ?? '').length === 0) {
    problems.push('--force-volumes needs --devices with every disk, the root disk included.')
  }
  // The path is written into a unit file and shell scripts, where other characters mean something.
  if (!/^\/[\w./-]*[\w-]$/.test(flags.installDir) || flags.installDir.includes('/..')) {
    problems.push(
      `--install-dir ${flags.installDir} must be an absolute path of letters, digits, "-", "_" and ".".`,
    )
  }
  return problems
}

/** A URL, or as MGN takes it a bare host, with or without a port. */
export function parseEndpoint(text: string): { endpoint: URL; problems: string[] } {
  const isUrl = /^[a-z]+:\/\//i.test(text)
  const endpoint = URL.parse(isUrl ? text : `https://${text}`) ?? new URL('https://invalid')
  if (!isUrl && endpoint.port === '' && !text.endsWith(':443')) endpoint.port = String(DEFAULT_PORT)
  const valid = endpoint.hostname !== 'invalid' && endpoint.protocol === 'https:'
  const problem = `--endpoint ${text} is not the address of a service. Give https://HOST:${DEFAULT_PORT}.`
  return { endpoint, problems: valid ? [] : [problem] }
}

/** `K=V` pairs; a value may hold further `=`. */
export function parseTags(pairs: readonly string[]): {
  tags: Record<string, string>
  problems: string[]
} {
  const tags: Record<string, string> = {}
  const problems: string[] = []
  for (const pair of pairs) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (key === undefined || value === undefined) {
      problems.push(`--tags ${pair} is not KEY=VALUE.`)
    } else if (key.length > TAG_CHARACTERS_MAX || value.length > TAG_CHARACTERS_MAX) {
      problems.push(`--tags ${key}: keys and values have at most ${TAG_CHARACTERS_MAX} characters.`)
    } else {
      tags[key] = value
    }
  }
  if (Object.keys(tags).length > TAGS_MAX) problems.push(`--tags: at most ${TAGS_MAX} tags.`)
  return { tags, problems }
}

async function readCa(
  origin: string,
  path: string | undefined,
): Promise<{ pem?: string; problems: string[] }> {
  if (path === undefined) return { problems: [] }
  try {
    const pem = await readFile(path, 'utf8')
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { pem, problems: [] }
    return {
      problems: [`${origin} ${path} holds no PEM certificate. Copy the service's ca/ca.crt.`],
    }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    return { problems: [`${origin} ${path} cannot be read: ${cause}.`] }
  }
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new LandfallError('validation', problems.join('\n'))
}
