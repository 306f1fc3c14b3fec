import {
  EC2_MODEL,
  IAM_MODEL,
  MGN_MODEL,
  SSM_MODEL,
  STS_MODEL,
  type ServiceModel,
} from '../http/service-model.ts'
import { OPERATION_NOTES } from './operation-notes.ts'

const SERVICES: readonly (readonly [title: string, prefix: string, model: ServiceModel])[] = [
  ['MGN (rest-json)', 'mgn', MGN_MODEL],
  ['IAM (query)', 'iam', IAM_MODEL],
  ['STS (query)', 'sts', STS_MODEL],
  ['EC2 (query)', 'ec2', EC2_MODEL],
  ['SSM (JSON 1.1)', 'ssm', SSM_MODEL],
]

/** A family that is told of in one sentence: Landfall has no use for it. */
const NETWORK_MIGRATION = '/network-migration/'

/**
 * A table for each service: the operations that its model has, and whether they are there.
 * `implemented` has them as `mgn:StartTest`.
 */
export function operationTables(implemented: ReadonlySet<string>): string {
  return SERVICES.map(([title, prefix, model]) => {
    const names = Object.keys(model.operations).filter(
      (name) => !model.operations[name]!.http.requestUri.startsWith(NETWORK_MIGRATION),
    )
    const rows = names.toSorted().map((name) => {
      const id = `${prefix}:${name}`
      return `| ${name} | ${implemented.has(id) ? 'yes' : '**no**'} | ${OPERATION_NOTES[id] ?? ''} |`
    })
    return [`### ${title}`, '', '| operation | there | |', '| --- | --- | --- |', ...rows].join(
      '\n',
    )
  }).join('\n\n')
}
