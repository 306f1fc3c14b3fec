import { Command, Option } from 'commander'
import { readSecret } from '../secret-input.ts'
import { connect } from '../service-client/connect.ts'
import { quoteForShell } from '@landfall/model'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

const INSTALLER_POLICY = 'AWSApplicationMigrationAgentInstallationPolicy'

/** `landfall users`: people and programs that may call the service. */
export function usersCommand(context: CommandContext): Command {
  return new Command('users')
    .description('users of the service and their access keys')
    .addCommand(createCommand(context))
    .addCommand(passwordCommand(context))
}

interface CreateOptions extends ServiceOptions {
  readonly policy: readonly string[]
}

export interface CreatedUser {
  readonly userName: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly policies: readonly string[]
}

function createCommand({ output }: CommandContext): Command {
  return new Command('create')
    .description('create a user with managed policies and print its access key, once')
    .argument('<name>', 'name of the user')
    .requiredOption('--policy <name...>', 'managed policies, by name or ARN')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        [
          `users create installer --policy ${INSTALLER_POLICY}`,
          'a key for installing agents (A-1)',
        ],
        ['users create ops --policy AWSApplicationMigrationFullAccess --json', 'for a program'],
      ]),
    )
    .action(async (name: string, options: CreateOptions) => {
      const user = await createUser(options.dataDir, name, options.policy)
      if (options.json) {
        output.line(JSON.stringify(user, null, 2))
        return
      }
      output.note(`Created user ${name} (${options.policy.join(', ')}). Its key is shown only now:`)
      output.line(`AWS_ACCESS_KEY_ID=${quoteForShell(user.accessKeyId)}`)
      output.line(`AWS_SECRET_ACCESS_KEY=${quoteForShell(user.secretAccessKey)}`)
    })
}

interface PasswordOptions extends ServiceOptions {
  readonly from?: string
  readonly remove?: true
}

function passwordCommand({ output, signal }: CommandContext): Command {
  return new Command('password')
    .description('set the password that a user signs in to the console with')
    .argument('<name>', 'name of the user')
    .addOption(
      new Option('--from <file>', 'read it from a file, of which it is the first line').conflicts(
        'remove',
      ),
    )
    .option('--remove', 'take it away; access keys stay')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['users password eve', 'asks for it and does not show it; at least twelve characters'],
        ['users password eve --remove', 'who is signed in by it is signed out'],
      ]),
    )
    .action(async (userName: string, { dataDir, json, from, remove }: PasswordOptions) => {
      const client = await connect(dataDir)
      if (remove === true) await client.landfall('RemoveUserPassword', { userName }, signal)
      else {
        const password = await readSecret('Password', from)
        await client.landfall('SetUserPassword', { userName, password }, signal)
      }
      const done = remove === true ? 'has no password any more' : 'signs in with the new password'
      output.line(json ? JSON.stringify({ userName }, null, 2) : `${userName} ${done}.`)
    })
}

/** Mission step A-1: an IAM user with policies and an access key; all of it, or no user. */
export async function createUser(
  dataDir: string,
  userName: string,
  policies: readonly string[],
): Promise<CreatedUser> {
  const client = await connect(dataDir)
  const UserName = userName
  await using undo = new AsyncDisposableStack()
  await client.iam('CreateUser', { UserName })
  undo.defer(() => client.iam('DeleteUser', { UserName }).then(() => {}))
  for (const PolicyArn of policies.map(arnOf)) {
    await client.iam('AttachUserPolicy', { UserName, PolicyArn })
    undo.defer(() => client.iam('DetachUserPolicy', { UserName, PolicyArn }).then(() => {}))
  }
  const { AccessKey } = await client.iam<{
    AccessKey: { AccessKeyId: string; SecretAccessKey: string }
  }>('CreateAccessKey', { UserName })
  undo.move()
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey
  return { userName, accessKeyId, secretAccessKey, policies }
}

function arnOf(policy: string): string {
  return policy.startsWith('arn:') ? policy : `arn:aws:iam::aws:policy/${policy}`
}
