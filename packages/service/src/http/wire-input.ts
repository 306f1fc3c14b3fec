import { parseJsonBody } from './call.ts'
import { RequestError } from './failure.ts'
import { shapeOf, type ModelOperation, type ServiceModel, type Shape } from './service-model.ts'
import type { ReceivedRequest } from './signature.ts'

/**
 * Gathers an operation's input from where the model says: path, query and body. Not checked yet.
 */
export function readWireInput(
  model: ServiceModel,
  operation: ModelOperation,
  request: ReceivedRequest,
): Record<string, unknown> {
  const input = parseJsonBody(request.body)
  const mark = request.url.indexOf('?')
  const path = mark < 0 ? request.url : request.url.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
  const { members = {} } = shapeOf(model, operation.input!)
  for (const [name, { shape, location, locationName = name }] of Object.entries(members)) {
    if (location === 'uri') input[name] = decodePath(path, operation.http.requestUri)
    if (location === 'querystring') {
      delete input[name]
      const values = query.getAll(locationName)
      if (values.length > 0) input[name] = fromText(shapeOf(model, shape), values)
    }
  }
  return input
}

/** The member in the path stands at its end, in all of the model. */
function decodePath(path: string, requestUri: string): string {
  try {
    return decodeURIComponent(path.slice(requestUri.indexOf('{')))
  } catch (cause) {
    throw new RequestError('cannotParse', 'The path of the request is not encoded rightly.', {
      cause,
    })
  }
}

function fromText(shape: Shape, values: readonly string[]): unknown {
  if (shape.type === 'list') return values
  const text = values[0]!
  return shape.type === 'integer' || shape.type === 'long' ? numberOf(text) : text
}

/** Text that is no number stays text, for the check to refuse. */
function numberOf(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text
}
