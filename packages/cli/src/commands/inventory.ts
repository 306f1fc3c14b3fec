import { LandfallError } from '@landfall/model'
import { Command } from 'commander'
import { pathsOf } from '../installation/data-directory.ts'
import { exportFile, importFile, type ImportTask } from '../inventory/inventory-file.ts'
import { connect } from '../service-client/connect.ts'
import {
  type CommandContext,
  type ServiceOptions,
  dataDirOption,
  examples,
  jsonOption,
} from './context.ts'

/** Errors that are printed; a file with more of them is wrong as a whole. */
const ERRORS_SHOWN_MAX = 50

/** `landfall inventory`: the list of servers, applications and waves as a CSV file. */
export function inventoryCommand(context: CommandContext): Command {
  return new Command('inventory')
    .description('import and export servers, applications, waves and their settings as CSV')
    .addCommand(importCommand(context))
    .addCommand(exportCommand(context))
}

function importCommand({ output, signal }: CommandContext): Command {
  return new Command('import')
    .description('import a CSV file; when a row is wrong, nothing is changed')
    .argument('<file>', 'with the columns that an export has')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        [
          'inventory import servers.csv',
          'new servers wait for an agent with their --user-provided-id',
        ],
      ]),
    )
    .action(async (file: string, { dataDir, json }: ServiceOptions) => {
      const { task, errors } = await importFile({
        client: await connect(dataDir),
        bucketsDir: pathsOf(dataDir).buckets,
        file,
        onProgress: (percent) => output.progress(`Importing ${file}: ${percent.toFixed(0)} %`),
        signal,
      })
      if (json) output.line(JSON.stringify({ ...task, errors }, null, 2))
      for (const { rowNumber, rawError } of json ? [] : errors.slice(0, ERRORS_SHOWN_MAX)) {
        output.note(rowNumber === undefined ? rawError : `Row ${rowNumber}: ${rawError}`)
      }
      if (!json) output.line(describe(task))
      if (errors.length === 0) return
      const message = `${errors.length} errors in ${file}; all: aws mgn list-import-errors --import-id`
      throw new LandfallError('validation', `${message} ${task.importID}`)
    })
}

interface ExportOptions extends ServiceOptions {
  readonly force?: true
}

function exportCommand({ output, signal }: CommandContext): Command {
  return new Command('export')
    .description('write all that is not archived to a CSV file, to be edited and imported')
    .argument('<file>', 'the file to write')
    .option('--force', 'replace the file when it exists')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText('after', examples([['inventory export servers.csv', 'opens in a spreadsheet']]))
    .action(async (file: string, { dataDir, json, force }: ExportOptions) => {
      const transfer = {
        client: await connect(dataDir),
        bucketsDir: pathsOf(dataDir).buckets,
        file,
        onProgress: (percent: number) =>
          output.progress(`Exporting ${file}: ${percent.toFixed(0)} %`),
        signal,
      }
      const task = await exportFile(transfer, { force: force ?? false })
      const { serversCount, applicationsCount, wavesCount } = task.summary
      output.line(
        json
          ? JSON.stringify(task, null, 2)
          : `Wrote ${serversCount} source servers, ${applicationsCount} applications and ` +
              `${wavesCount} waves to ${file}.`,
      )
    })
}

function describe({ summary }: ImportTask): string {
  const { servers, applications, waves } = summary
  const count = (of: { createdCount: number; modifiedCount: number }, what: string) =>
    `${what}: ${of.createdCount} created, ${of.modifiedCount} modified`
  return [
    count(servers, 'Source servers'),
    count(applications, 'applications'),
    count(waves, 'waves'),
  ].join('; ')
}
