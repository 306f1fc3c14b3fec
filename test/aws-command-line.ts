import type { AccessKey } from './agent.ts'
import type { Installation } from './installation.ts'
import { run } from './installation.ts'

/** Debian's package: not whatever else is called `aws` on this machine. */
const AWS = '/usr/bin/aws'

/** The real AWS command line, set up by `landfall env` as the documentation tells it. */
export class AwsCommandLine {
  readonly #environment: NodeJS.ProcessEnv

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment
  }

  static async of(installation: Installation): Promise<AwsCommandLine> {
    const variables = JSON.parse(await installation.landfall('env', '--json')) as NodeJS.ProcessEnv
    return new AwsCommandLine({ ...process.env, AWS_PAGER: '', ...variables })
  }

  /** The same command line with another key. */
  as({ accessKeyId, secretAccessKey }: AccessKey): AwsCommandLine {
    return new AwsCommandLine({
      ...this.#environment,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    })
  }

  /** `aws mgn …` and its answer. Fails with what the command line printed. */
  async mgn<T extends object>(...args: readonly string[]): Promise<T> {
    return await this.call<T>('mgn', ...args)
  }

  /** `aws ssm …`, in the same way. */
  async ssm<T extends object>(...args: readonly string[]): Promise<T> {
    return await this.call<T>('ssm', ...args)
  }

  /** `aws ec2 …`, in the same way. */
  async ec2<T extends object>(...args: readonly string[]): Promise<T> {
    return await this.call<T>('ec2', ...args)
  }

  /** `aws SERVICE …` and its answer. */
  async call<T extends object>(...args: readonly string[]): Promise<T> {
    const endpoint = this.#environment['AWS_ENDPOINT_URL'] ?? ''
    const { stdout } = await run(AWS, ['--endpoint-url', endpoint, ...args], {
      env: this.#environment,
    })
    return JSON.parse(stdout || '{}') as T
  }
}
