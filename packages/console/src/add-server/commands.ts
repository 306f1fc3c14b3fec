import { quoteForShell } from '@landfall/model'

/** What the service tells about installing an agent. */
export interface AgentInstallation {
  /** Addresses that its certificate is for: `https://192.0.2.1:8443`. */
  readonly endpoints: readonly string[]
  readonly installerPath: string
  readonly agentVersion: string
  readonly caCertificatePem: string
}

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How the source server is to be added, as the form says it. */
export interface InstallOptions {
  readonly endpoint: string
  readonly region: string
  readonly downloader: 'wget' | 'curl'
  /** Paths of disks; none: the installer asks, or takes all. */
  readonly devices: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly userProvidedID: string
  readonly noPrompt: boolean
  /** Absent: the installer asks for a key, or there is a place for one. */
  readonly credentials?: Credentials
}

/** Commands that are pasted together, and what they do. */
export interface CommandStep {
  readonly title: string
  readonly text: string
}

/** The service's own authority, as a file on the source server. */
export const CA_FILE = 'landfall-ca.crt'

/** No certificate has such a line. */
const END = 'END_OF_CERTIFICATE'

/** For root's shell on the source server, in their order. */
export function installSteps(
  { installerPath, caCertificatePem }: AgentInstallation,
  options: InstallOptions,
): readonly CommandStep[] {
  const installer = installerPath.slice(installerPath.lastIndexOf('/') + 1)
  const url = `${options.endpoint}${installerPath}`
  const fetched = [installer, `${installer}.sha512`].map((name, index) =>
    download(options.downloader, index === 0 ? url : `${url}.sha512`, name),
  )
  return [
    {
      title: 'Say by which certificate the service is trusted',
      text: `cat > ${CA_FILE} <<'${END}'\n${caCertificatePem.trim()}\n${END}`,
    },
    {
      title: 'Download the installer and check it',
      text: [
        ...fetched,
        `sha512sum -c ${quoteForShell(`${installer}.sha512`)}`,
        `chmod +x ${quoteForShell(installer)}`,
      ].join('\n'),
    },
    { title: 'Install the agent', text: installCommand(installer, options) },
  ]
}

function download(downloader: InstallOptions['downloader'], url: string, name: string): string {
  const from = quoteForShell(url)
  const to = quoteForShell(name)
  return downloader === 'wget'
    ? `wget --ca-certificate=${CA_FILE} -O ${to} ${from}`
    : `curl -fSs --cacert ${CA_FILE} -o ${to} ${from}`
}

/** The key goes by the environment: `ps` shows arguments to everybody. */
function installCommand(installer: string, options: InstallOptions): string {
  const { endpoint, region, devices, tags, userProvidedID, noPrompt } = options
  const flag = (name: string, value: string) => `--${name}=${quoteForShell(value)}`
  const pairs = Object.entries(tags).map(([key, value]) => quoteForShell(`${key}=${value}`))
  const words = [
    ...environment(options),
    `./${installer}`,
    flag('region', region),
    flag('endpoint', endpoint),
    flag('ca-file', CA_FILE),
    ...(noPrompt ? ['--no-prompt'] : []),
    ...(devices.length > 0 ? [flag('devices', devices.join(','))] : []),
    ...(userProvidedID === '' ? [] : [flag('user-provided-id', userProvidedID)]),
    // Last: it takes all the words that follow.
    ...(pairs.length > 0 ? [`--tags ${pairs.join(' ')}`] : []),
  ]
  return words.join(' \\\n  ')
}

/** Stand where a key is to be put in. */
const PLACEHOLDERS: Credentials = {
  accessKeyId: '<access key ID>',
  secretAccessKey: '<secret access key>',
}

function environment({ credentials, noPrompt }: InstallOptions): string[] {
  // Whoever is not asked has to say it.
  const given = credentials ?? (noPrompt ? PLACEHOLDERS : undefined)
  if (given === undefined) return []
  const { accessKeyId, secretAccessKey, sessionToken } = given
  return [
    `AWS_ACCESS_KEY_ID=${quoteForShell(accessKeyId)}`,
    `AWS_SECRET_ACCESS_KEY=${quoteForShell(secretAccessKey)}`,
    ...(sessionToken === undefined ? [] : [`AWS_SESSION_TOKEN=${quoteForShell(sessionToken)}`]),
  ]
}

/** The paths in a text, with commas or blanks between them. */
export function devicesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((path) => path !== '')
}

/** What the installer would refuse, as a sentence. */
export function problemOf({ devices, tags }: Pick<InstallOptions, 'devices' | 'tags'>) {
  const odd = devices.find((path) => !path.startsWith('/dev/'))
  if (odd !== undefined) return `${odd} is no disk: disks are paths like /dev/sdb.`
  const key = Object.keys(tags).find((one) => one.includes('=') || one.startsWith('-'))
  if (key !== undefined) return `A tag’s key has no = in it and begins with no -: ${key}.`
  return undefined
}
