import { shapeOf, type ServiceModel } from './service-model.ts'

/**
 * What the model lets an answer show of `value`: its members and no others, so that what the
 * service keeps for itself stays with it. Members that are undefined or null are left out.
 */
export function shapeOutput(model: ServiceModel, shapeName: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const shape = shapeOf(model, shapeName)
  if (Array.isArray(value)) {
    const member = shape.member!.shape
    return value.map((item) => shapeOutput(model, member, item))
  }
  const source = value as Record<string, unknown>
  const shown: [string, unknown][] = []
  for (const name of Object.keys(shape.members ?? source)) {
    const member = source[name]
    if (member === undefined || member === null) continue
    const memberShape = shape.members?.[name]?.shape ?? shape.value!.shape
    shown.push([name, shapeOutput(model, memberShape, member)])
  }
  return Object.fromEntries(shown)
}
