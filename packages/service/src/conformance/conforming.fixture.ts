import assert from 'node:assert/strict'
import { createInputReader } from '../http/read-input.ts'
import { EC2_MODEL, MGN_MODEL, SSM_MODEL, type ServiceModel } from '../http/service-model.ts'

/** The model's pattern of times does not allow what SSM answers: `PT0.5S`, and milliseconds. */
export const SSM_ANSWERS: ServiceModel = {
  ...SSM_MODEL,
  shapes: { ...SSM_MODEL.shapes, StringDateTime: { type: 'string' } },
}

const readers = new Map<string, (value: unknown) => object>()

/**
 * Fails unless what an operation answers is what its model says: required members, types, enums,
 * patterns, limits, and nothing that the model does not know. Operations of no model pass.
 */
export function requireConforming(name: string, output: object): void {
  const model = [MGN_MODEL, EC2_MODEL, SSM_ANSWERS].find((one) =>
    Object.hasOwn(one.operations, name),
  )
  const shape = model?.operations[name]?.output
  if (model === undefined || shape === undefined) return
  const read = readers.get(shape) ?? createInputReader(model, shape)
  readers.set(shape, read)
  const answered = withoutUndefined(output)
  // Read as an input is: what is wrong is told, and what is unknown is left out.
  assert.deepEqual(withoutUndefined(read(answered)), answered, `${name} answers unknown members`)
}

function withoutUndefined(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(withoutUndefined)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, withoutUndefined(member)]))
}
