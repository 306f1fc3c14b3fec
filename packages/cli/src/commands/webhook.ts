import { Command, Option } from 'commander'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface WebhookOptions extends ServiceOptions {
  readonly url?: string
  readonly off?: true
}

interface Webhook {
  readonly url: string | null
  /** Only right after it was set. */
  readonly secret?: string
  readonly waitingEvents?: number
  readonly lastError?: string
}

const NOTE = `
Events are a server's first readiness for a test, the result of each launch, and replication that
stalls or goes on, in EventBridge's form. They are in logs/events.log of the installation as well.
`

/** `landfall webhook`: where events are sent. */
export function webhookCommand({ output, signal }: CommandContext): Command {
  return new Command('webhook')
    .description('show or set the address that events are posted to')
    .addOption(new Option('--url <address>', 'post events to it, signed with a new secret'))
    .addOption(new Option('--off', 'post them nowhere').conflicts('url'))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      NOTE +
        examples([
          ['webhook --url https://chat.example.org/hook', 'prints the secret, once'],
          ['webhook', 'the address, how many events wait, and why'],
        ]),
    )
    .action(async ({ dataDir, json, url, off }: WebhookOptions) => {
      const client = await connect(dataDir)
      const webhook =
        url === undefined && off === undefined
          ? await client.landfall<Webhook>('GetWebhook', {}, signal)
          : await client.landfall<Webhook>('UpdateWebhook', { url: url ?? null }, signal)
      output.line(json ? JSON.stringify(webhook, null, 2) : describe(webhook))
    })
}

function describe({ url, secret, waitingEvents = 0, lastError }: Webhook): string {
  if (url === null) return 'Events are posted nowhere.'
  const lines = [`Events are posted to ${url}.`]
  if (secret !== undefined) lines.push(`The secret, shown this once: ${secret}`)
  if (waitingEvents > 0) lines.push(`${waitingEvents} wait${lastError ? `: ${lastError}` : ''}.`)
  return lines.join('\n')
}
