import type { ActionRunState } from '@landfall/model'
import type { Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/** A value of the parameter store, by its name. */
export interface StoreParameter {
  readonly parameterType: 'STRING' | 'SECURE_STRING'
  readonly parameterName: string
}

/** A value that is known once the instance is: `ec2.InstanceId`. */
export interface ExternalParameter {
  readonly dynamicPath?: string
}

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
  readonly parameters: Readonly<Record<string, readonly StoreParameter[]>>
  readonly externalParameters: Readonly<Record<string, ExternalParameter>>
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

/** One action on one launched instance, as it was when it was planned. */
export interface ActionRunsTable {
  instance_id: string
  action_id: string
  document: JsonColumn<ActionDocument>
  state: ActionRunState
  /** From 1, one more with each rerun. */
  attempt: Generated<number>
  /** The SSM command that runs it, or ran it last. */
  command_id: string | null
  /** The image that it makes, or made last. It has no command then. */
  image_id: string | null
  /** Why it failed. */
  failure: string | null
  started_at: Date | null
  ended_at: Date | null
}

export type ActionRunRow = Selectable<ActionRunsTable>

export interface PostLaunchActionTables {
  actions: ActionsTable
  action_runs: ActionRunsTable
}
