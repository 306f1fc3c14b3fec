import { shapeOf, type ServiceModel } from '../http/service-model.ts'

/** Stands for what is not to be read by others. */
const MASK = '***'

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
