import { requireConfiguration } from '../installation/configuration.ts'
import { readCredentials } from '../installation/credentials.ts'
import { pathsOf } from '../installation/data-directory.ts'

/** The variables with which the AWS command line and SDKs use the installation in `dataDir`. */
export async function awsVariables(dataDir: string) {
  const paths = pathsOf(dataDir)
  const configuration = await requireConfiguration(paths)
  const credentials = await readCredentials(paths)
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: `https://127.0.0.1:${configuration.port}`,
    AWS_CA_BUNDLE: paths.certificateAuthority,
    AWS_REGION: configuration.region,
    // The AWS CLI before 2.13 knows only this name.
    AWS_DEFAULT_REGION: configuration.region,
  }
}
