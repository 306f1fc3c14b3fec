import { LandfallError } from '@landfall/model'
import type { z } from 'zod'
import { holdsText } from './text.ts'
import type { CallContext, Operation } from './http/operation.ts'

/**
 * An operation whose input is checked against `schema` first: those of agents, replication servers
 * and Landfall's own, which no API model describes. Unknown fields are dropped.
 */
export function validated<T>(
  schema: z.ZodType<T>,
  run: (input: T, context: CallContext) => Promise<object>,
): Operation {
  return async (input: never, context) => run(parse(schema, input), context)
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  if (!holdsText(input)) {
    throw new LandfallError(
      'validation',
      'The input has a NUL or half a surrogate in its text, or is too deep',
    )
  }
  const result = schema.safeParse(input ?? {})
  if (result.success) return result.data
  const fields = result.error.issues.map((issue) => ({
    name: issue.path.join('.'),
    message: issue.message,
  }))
  const text = fields.map((field) => `${field.name}: ${field.message}`).join('; ')
  throw new LandfallError('validation', `The input is not valid: ${text}`, { fields })
}

/** Only a replication server may go on. */
export function replicationServerOf({ caller }: CallContext): string {
  if (caller.kind === 'replication-server') return caller.replicationServerID
  throw new LandfallError('access_denied', 'Only a replication server may do this')
}

/** Only this source server's own agent may go on. */
export function requireAgent({ caller }: CallContext, sourceServerID: string): void {
  if (caller.kind === 'agent' && caller.sourceServerID === sourceServerID) return
  throw new LandfallError('access_denied', `Only the agent of ${sourceServerID} may do this`)
}
