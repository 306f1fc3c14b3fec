import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Credentials } from '../identity/administrator.ts'
import { TEST_ACCOUNT, type TestService } from '../http/test-service.ts'

const run = promisify(execFile)
/** Debian's package awscli. */
const AWS = '/usr/bin/aws'

/** Runs the real AWS CLI and gives its JSON. */
export async function aws<Answer = unknown>(
  service: TestService,
  args: string[],
  credentials?: Partial<Credentials> & { readonly sessionToken?: string },
): Promise<Answer> {
  const key: typeof credentials & Credentials = { ...service.administrator, ...credentials }
  const { stdout } = await run(
    AWS,
    [...args, '--endpoint-url', service.url, '--ca-bundle', service.caFile, '--output', 'json'],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: service.folder,
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        ...(key.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
        AWS_REGION: TEST_ACCOUNT.region,
        AWS_MAX_ATTEMPTS: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  )
  return (stdout === '' ? undefined : JSON.parse(stdout)) as Answer
}
