import { readFile } from 'node:fs/promises'
import { LandfallError } from '@landfall/model'
import { Command, Option } from 'commander'
import { pathsOf } from '../installation/data-directory.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface BucketsOptions extends ServiceOptions {
  readonly endpoint?: string
  readonly region: string
  readonly accessKeyId?: string
  readonly secretFile?: string
  readonly folders?: true
}

export interface Buckets {
  readonly store: {
    readonly endpoint: string
    readonly region: string
    readonly accessKeyId: string
  } | null
}

const NOTE = `
Imports are read from buckets and exports written to them. Without a store a bucket is a folder of
the installation: <data-dir>/buckets/<bucket>.
`

/** `landfall buckets`: where the files of imports and exports are. */
export function bucketsCommand({ output, signal }: CommandContext): Command {
  return new Command('buckets')
    .description('show or set the S3-compatible store that has the buckets')
    .addOption(new Option('--endpoint <address>', 'of the store, as https://s3.example.org'))
    .addOption(new Option('--region <region>', 'that requests are signed for').default('us-east-1'))
    .addOption(new Option('--access-key-id <id>', 'of a key of the store'))
    .addOption(new Option('--secret-file <file>', 'with its secret, and nothing else'))
    .addOption(new Option('--folders', 'use no store').conflicts('endpoint'))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['buckets', 'where they are'],
          [
            'buckets --endpoint https://s3.example.org --access-key-id AKID --secret-file key.txt',
            'keeps the secret sealed; the file is not needed any more',
          ],
        ]),
    )
    .action(async (options: BucketsOptions) => {
      const client = await connect(options.dataDir)
      const { endpoint, folders } = options
      const store = endpoint === undefined ? null : await readStore(endpoint, options)
      const buckets =
        store === null && folders === undefined
          ? await client.landfall<Buckets>('GetBucketStore', {}, signal)
          : await client.landfall<Buckets>('UpdateBucketStore', { store }, signal)
      output.line(options.json ? JSON.stringify(buckets, null, 2) : describe(buckets, options))
    })
}

async function readStore(endpoint: string, options: BucketsOptions) {
  const { region, accessKeyId, secretFile } = options
  if (accessKeyId === undefined || secretFile === undefined) {
    throw new LandfallError('validation', '--endpoint needs --access-key-id and --secret-file.')
  }
  const secretAccessKey = (await readFile(secretFile, 'utf8')).trim()
  return { endpoint, region, accessKeyId, secretAccessKey }
}

function describe({ store }: Buckets, { dataDir }: BucketsOptions): string {
  if (store === null) return `Buckets are folders in ${pathsOf(dataDir).buckets}.`
  return `Buckets are at ${store.endpoint} (${store.region}), with the key ${store.accessKeyId}.`
}
