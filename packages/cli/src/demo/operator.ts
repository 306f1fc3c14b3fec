import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LandfallError, quoteForShell } from '@landfall/model'
import type { CommandContext } from '../commands/context.ts'
import { awsVariables } from '../service-client/aws-variables.ts'
import type { ServiceClient } from '../service-client/service-client.ts'

/** The person at the keyboard: gives an operation of MGN's API, or SSM's, and reads its answer. */
export type Operator = <Answer extends object>(
  operation: string,
  input: object,
  service?: 'mgn' | 'ssm',
) => Promise<Answer>

/** An operator whose keyboard is Landfall's own client. */
export function ownOperator(client: ServiceClient, signal: AbortSignal): Operator {
  return async (operation, input, service = 'mgn') =>
    await client[service](operation, input, signal)
}

/**
 * An operator who uses the AWS command line `program`, set up by the variables of `landfall env`;
 * each command is shown as it is given. Its failure is `unavailable`, with what it printed.
 */
export async function awsOperator(
  program: string,
  dataDir: string,
  { output, signal, environment }: CommandContext,
): Promise<Operator> {
  const variables = await awsVariables(dataDir)
  const env = { ...environment, AWS_PAGER: '', ...variables }
  return async <Answer extends object>(
    operation: string,
    input: object,
    service = 'mgn',
  ): Promise<Answer> => {
    const args = [
      ...[service, commandName(operation), '--cli-input-json', JSON.stringify(input)],
      ...['--endpoint-url', variables.AWS_ENDPOINT_URL, '--output', 'json'],
    ]
    output.note(`      $ aws ${args.map(quoteForShell).join(' ')}`)
    const { stdout } = await promisify(execFile)(program, args, { env, signal }).catch(
      (cause: Error & { stderr?: string }) => {
        const said = cause.stderr?.trim() || cause.message
        throw new LandfallError('unavailable', `${program} ${service} ${args[1]} failed: ${said}`, {
          cause,
        })
      },
    )
    return JSON.parse(stdout || '{}') as Answer
  }
}

/** `StartTest` is `start-test` on the command line. */
function commandName(operation: string): string {
  return operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
}
