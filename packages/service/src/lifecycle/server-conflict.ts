import { LandfallError } from '@landfall/model'

/** A `conflict` about one server, which `what` goes on about. */
export function serverConflict(resourceId: string, code: string, what: string): LandfallError {
  const message = `Source server ${resourceId} ${what}`
  const resource = { resourceId, resourceType: 'SourceServer' }
  return new LandfallError('conflict', message, {
    resource,
    errors: [{ ...resource, code, message }],
  })
}
