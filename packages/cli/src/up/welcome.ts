import { access } from 'node:fs/promises'
import { requireConfiguration } from '../installation/configuration.ts'
import { readCredentials } from '../installation/credentials.ts'
import { DATA_DIRECTORY_DEFAULT, type DataPaths } from '../installation/data-directory.ts'
import type { Output } from '../output.ts'
import { quoteForShell } from '@landfall/model'

const INSTALLER = 'landfall-replication-installer-init'

/** Whether the service has never run here: then the administrator's key is still to be shown. */
export async function isFirstStart(paths: DataPaths): Promise<boolean> {
  return await access(paths.credentials).then(
    () => false,
    () => true,
  )
}

/** What somebody who has just started an installation wants to know; the key only once. */
export async function printWelcome(
  output: Output,
  paths: DataPaths,
  options: { readonly firstStart: boolean; readonly json: boolean },
): Promise<void> {
  const { region, accountID, port, addresses } = await requireConfiguration(paths)
  const endpoint = `https://127.0.0.1:${port}`
  const key = options.firstStart ? await readCredentials(paths) : undefined
  if (options.json) {
    const about = { endpoint, region, accountID, dataDir: paths.root, addresses }
    output.line(
      JSON.stringify(key === undefined ? about : { ...about, administrator: key }, null, 2),
    )
    return
  }
  output.line(`Landfall is ready at ${endpoint} (region ${region}, account ${accountID}).`)
  if (key !== undefined) {
    output.line('')
    output.line(`Access key of ${key.userName}, shown this once (kept in ${paths.credentials}):`)
    output.line(`  AWS_ACCESS_KEY_ID=${key.accessKeyId}`)
    output.line(`  AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`)
  }
  for (const line of nextSteps(paths, region, `https://${addresses[0]}:${port}`)) output.line(line)
}

function nextSteps(paths: DataPaths, region: string, agentEndpoint: string): string[] {
  const dataDir =
    paths.root === DATA_DIRECTORY_DEFAULT ? '' : ` --data-dir ${quoteForShell(paths.root)}`
  return [
    '',
    'Next steps',
    '  1. An access key for installing agents (A-1):',
    '       landfall users create installer --policy AWSApplicationMigrationAgentInstallationPolicy' +
      dataDir,
    `  2. On each source server, as root, with ${paths.certificateAuthority} copied there as ca.crt:`,
    `       wget --ca-certificate=ca.crt ${agentEndpoint}/latest/linux/${INSTALLER}`,
    `       chmod +x ${INSTALLER}`,
    `       ./${INSTALLER} --region ${region} --endpoint ${agentEndpoint} --ca-file ca.crt`,
    `  3. Watch and drive the migration in a browser, signed in with an access key: ${agentEndpoint}/console/`,
    '     or from here:',
    `       landfall status${dataDir}`,
    `       eval "$(landfall env${dataDir})"; aws mgn describe-source-servers`,
    '         (an AWS CLI older than 2.13 also needs --endpoint-url "$AWS_ENDPOINT_URL")',
  ]
}
