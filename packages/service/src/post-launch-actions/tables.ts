import type { Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/** What runs on an instance after its launch: an SSM document with its parameters. */
export interface ActionDocument {
  readonly actionName: string
  readonly documentIdentifier: string
  /** Lower runs first; no two of one owner have the same. */
  readonly order: number
  readonly documentVersion: string
  readonly active: boolean
  readonly timeoutSeconds: number
  readonly mustSucceedForCutover: boolean
  readonly parameters: Readonly<Record<string, unknown>>
  readonly externalParameters: Readonly<Record<string, unknown>>
  readonly description?: string
  readonly category: string
  /** Of a template's action only: it goes to source servers with that system. */
  readonly operatingSystem?: string
}

export interface ActionsTable {
  /** A source server, or a launch configuration template whose actions new servers take over. */
  owner_id: string
  /** The caller's own choice. */
  action_id: string
  seq: Generated<number>
  /** The document's, so that the database keeps it from being there twice. */
  action_order: number
  document: JsonColumn<ActionDocument>
}

export type ActionRow = Selectable<ActionsTable>

export interface PostLaunchActionTables {
  actions: ActionsTable
}
