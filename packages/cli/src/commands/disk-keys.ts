import { Command, Option } from 'commander'
import { connect } from '../service-client/connect.ts'
import { readSecret } from '../secret-input.ts'
import { formatTable } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface KeyOptions extends ServiceOptions {
  readonly name: string
}

interface AddOptions extends KeyOptions {
  readonly from?: string
}

interface DiskKeys {
  readonly keys: readonly { readonly name: string; readonly createdDateTime: string }[]
}

const NOTE = `
A conversion has to look into the disks of a server. Where its system is in LUKS it needs a
passphrase for that, which is kept here, sealed, because you choose so. The instance asks for it at
its console at every boot, as the source server does.
`

/** `landfall disk-keys`: passphrases of encrypted disks. */
export function diskKeysCommand(context: CommandContext): Command {
  return new Command('disk-keys')
    .description("keep passphrases of a server's encrypted disks, which a conversion needs")
    .addHelpText('after', NOTE)
    .addCommand(addCommand(context))
    .addCommand(listCommand(context))
    .addCommand(removeCommand(context))
}

function addCommand({ output, signal }: CommandContext): Command {
  return serverCommand('add', 'keep a passphrase, in place of the one of the same name')
    .addOption(nameOption())
    .addOption(new Option('--from <file>', 'read it from a file, of which it is the first line'))
    .addHelpText(
      'after',
      examples([
        ['disk-keys add s-0123456789abcdef0', 'asks for the passphrase and does not show it'],
        ['disk-keys add s-0123456789abcdef0 --from /root/passphrase', 'as it is in a file'],
      ]),
    )
    .action(async (server: string, { dataDir, json, name, from }: AddOptions) => {
      const client = await connect(dataDir)
      const passphrase = await readSecret('Passphrase', from)
      const input = { sourceServerID: server, name, passphrase }
      const kept = await client.landfall<DiskKeys>('PutDiskKey', input, signal)
      output.line(json ? JSON.stringify(kept, null, 2) : `Kept under the name "${name}".`)
    })
}

function listCommand({ output, signal }: CommandContext): Command {
  return serverCommand('list', 'the names of the passphrases that are kept').action(
    async (server: string, { dataDir, json }: ServiceOptions) => {
      const client = await connect(dataDir)
      const kept = await client.landfall<DiskKeys>(
        'ListDiskKeys',
        { sourceServerID: server },
        signal,
      )
      output.line(json ? JSON.stringify(kept, null, 2) : describe(kept))
    },
  )
}

function removeCommand({ output, signal }: CommandContext): Command {
  return serverCommand('remove', 'forget a passphrase')
    .addOption(nameOption())
    .action(async (server: string, { dataDir, json, name }: KeyOptions) => {
      const client = await connect(dataDir)
      const input = { sourceServerID: server, name }
      const kept = await client.landfall<DiskKeys>('DeleteDiskKey', input, signal)
      output.line(json ? JSON.stringify(kept, null, 2) : `Forgot "${name}".`)
    })
}

function serverCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<server>', 'source server ID, s-…')
    .addOption(dataDirOption())
    .addOption(jsonOption())
}

function nameOption(): Option {
  return new Option('--name <name>', 'to tell several apart').default('default')
}

function describe({ keys }: DiskKeys): string {
  if (keys.length === 0) return 'No passphrase is kept.'
  const rows = keys.map(({ name, createdDateTime }) => [name, createdDateTime])
  return formatTable(['NAME', 'KEPT SINCE'], rows)
}
