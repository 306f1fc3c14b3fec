import { Command, Option } from 'commander'
import { LandfallError } from '@landfall/model'
import { connect } from '../service-client/connect.ts'
import type { ServiceClient } from '../service-client/service-client.ts'
import { formatTable } from '../table.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

interface AuditOptions extends ServiceOptions {
  readonly action?: string
  readonly caller?: string
  /** ISO 8601 in UTC. */
  readonly from?: string
}

interface AuditEvent {
  readonly at: string
  readonly caller: string
  readonly address: string
  readonly action: string
  readonly input: unknown
  readonly result: string
  readonly message?: string
}

interface AuditPage {
  readonly items: readonly AuditEvent[]
  readonly nextToken?: string
}

/** `landfall audit`: who changed what. */
export function auditCommand({ output, signal }: CommandContext): Command {
  return new Command('audit')
    .description('list the calls that changed something, or were refused, in their order')
    .addOption(new Option('--action <name>', 'only this one, e.g. mgn:StartCutover'))
    .addOption(new Option('--caller <name>', 'only those of this caller: a name or an ARN'))
    .addOption(new Option('--from <time>', 'only those since then').argParser(parseTime))
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        ['audit --from 2026-11-28T20:00:00Z', 'what was done last night, and by whom'],
        ['audit --action mgn:FinalizeCutover --json', 'with the input of each call'],
      ]),
    )
    .action(async ({ dataDir, json, ...filters }: AuditOptions) => {
      const client = await connect(dataDir)
      for await (const items of pages(client, filters, signal)) {
        // A page at a time: there may be years of them.
        if (json) for (const item of items) output.line(JSON.stringify(item))
        else if (items.length > 0) output.line(describe(items))
      }
    })
}

async function* pages(
  client: ServiceClient,
  filters: Pick<AuditOptions, 'action' | 'caller' | 'from'>,
  signal: AbortSignal,
): AsyncGenerator<readonly AuditEvent[]> {
  let nextToken: string | undefined
  do {
    const request = { ...filters, ...(nextToken !== undefined && { nextToken }) }
    const page = await client.landfall<AuditPage>('ListAuditEvents', request, signal)
    yield page.items
    nextToken = page.nextToken
  } while (nextToken !== undefined)
}

function describe(items: readonly AuditEvent[]): string {
  return formatTable(
    ['time', 'caller', 'from', 'action', 'result'],
    items.map(({ at, caller, address, action, result, message }) => [
      at,
      caller.slice(caller.lastIndexOf('/') + 1),
      address,
      action,
      message === undefined ? result : `${result}: ${message}`,
    ]),
  )
}

function parseTime(text: string): string {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new LandfallError('validation', `${text} is no time: give one like 2026-11-28T20:00:00Z`)
}
