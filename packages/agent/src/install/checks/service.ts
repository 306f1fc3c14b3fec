import { errorText, type InstallationAssets } from '@landfall/model'
import type { InstallerClient } from '../../service-client/installer-client.ts'
import { proxyName } from '../../service-client/proxy.ts'
import { ServiceCallError } from '../../service-client/transport-failure.ts'
import { CLOCK_OFFSET_MINUTES_MAX } from '../requirements.ts'
import { failed, passed, skipped, type CheckResult } from './check.ts'

const CLOCK = 'Clock'
const SERVICE = 'TLS to the service'
const CREDENTIALS = 'Credentials'
const MINUTE_MS = 60_000

/** A connection check waits this long: a firewall that drops packets must not look like a hang. */
const PING_TIMEOUT_MS = 10_000

const POLICY = 'AWSApplicationMigrationAgentInstallationPolicy'

/** Reaches the service, compares clocks and tries the credentials. Assets when all went well. */
export async function checkService(
  client: InstallerClient,
): Promise<{ results: CheckResult[]; assets?: InstallationAssets }> {
  try {
    await client.ping(PING_TIMEOUT_MS)
  } catch (error) {
    const why = `needs the connection to ${client.endpoint.host}`
    return {
      results: [
        // The sentence says it all; the cause is OpenSSL's wording of the same.
        failed(SERVICE, error instanceof ServiceCallError ? error.message : errorText(error)),
        skipped(CLOCK, why),
        skipped(CREDENTIALS, why),
      ],
    }
  }
  const through = client.proxy === undefined ? '' : ` through the proxy ${proxyName(client.proxy)}`
  const results = [
    passed(SERVICE, `${client.endpoint.host}${through}`),
    checkClock(client.clockOffsetMs),
  ]
  try {
    const assets = await client.installationAssets()
    return { results: [...results, passed(CREDENTIALS)], assets }
  } catch (error) {
    return { results: [...results, failed(CREDENTIALS, credentialsProblem(error))] }
  }
}

/** `offsetMs`: the service's clock minus this machine's. */
export function checkClock(offsetMs: number): CheckResult {
  const minutes = Math.abs(offsetMs) / MINUTE_MS
  if (minutes <= CLOCK_OFFSET_MINUTES_MAX) {
    return passed(CLOCK, `${(Math.abs(offsetMs) / 1000).toFixed(0)} s from the service's`)
  }
  const side = offsetMs > 0 ? 'behind' : 'ahead of'
  return failed(
    CLOCK,
    `This machine's clock is ${minutes.toFixed(1)} minutes ${side} the service's; ${CLOCK_OFFSET_MINUTES_MAX} are allowed. Set it with: date -u -s "${new Date(Date.now() + offsetMs).toISOString()}", and turn on NTP.`,
  )
}

/** The errors AWS's protocol names for credentials, each with what to do. */
function credentialsProblem(error: unknown): string {
  const said = errorText(error)
  switch (error instanceof ServiceCallError ? error.errorType : undefined) {
    case 'InvalidSignatureException':
    case 'SignatureDoesNotMatch':
      if (/valid region/.test(said))
        return `The region is not the service's. ${said} Correct --region.`
      return `The service refuses the signature: the secret access key does not belong to this access key ID, or lost a character when it was pasted. Enter both again. (${said})`
    case 'UnrecognizedClientException':
    case 'InvalidClientTokenId':
      return `The service does not know this access key ID. Check it, or make a key with: landfall users create NAME --policy ${POLICY}`
    case 'ExpiredTokenException':
      return 'The session token has expired. Get new temporary credentials.'
    case 'AccessDeniedException':
      return `The user of this access key may not install agents. Attach the policy ${POLICY} to the user. (${said})`
    case 'UninitializedAccountException':
      return `The service was never initialized. Run once, as its administrator: aws mgn initialize-service. (${said})`
    case undefined:
    default:
      return `The service does not accept the credentials: ${said}. Check the access key, the region and --endpoint.`
  }
}
