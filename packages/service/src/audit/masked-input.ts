import { shapeOf, type ServiceModel } from '../http/service-model.ts'

/** Stands for what is not to be read by others. */
const MASK = '***'

/** Members of inputs that no model describes which hold secrets, as all of ours are called. */
const SECRET = /secret|password|passphrase|token/i

/** Deeper than any input of ours. */
const DEPTH_MAX = 8

/** The input of one of Landfall's own operations as it may be kept. */
export function maskedOwnInput(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEPTH_MAX) return MASK
  if (Array.isArray(value)) return value.map((item) => maskedOwnInput(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET.test(name) ? MASK : maskedOwnInput(member, depth + 1),
    ]),
  )
}

/**
 * The input of an operation as it may be kept: members that the model calls sensitive are masked,
 * and so is everything that the model does not know.
 */
export function maskedInput(model: ServiceModel, shapeName: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  const shape = shapeOf(model, shapeName)
  if (shape.sensitive === true) return MASK
  if (Array.isArray(value)) {
    return shape.member === undefined
      ? MASK
      : value.map((item) => maskedInput(model, shape.member!.shape, item))
  }
  if (typeof value !== 'object') return value
  const entries = Object.entries(value)
  if (shape.type === 'map') {
    return Object.fromEntries(
      entries.map(([key, item]) => [key, maskedInput(model, shape.value!.shape, item)]),
    )
  }
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const memberShape = shape.members?.[name]?.shape
      return [name, memberShape === undefined ? MASK : maskedInput(model, memberShape, member)]
    }),
  )
}
