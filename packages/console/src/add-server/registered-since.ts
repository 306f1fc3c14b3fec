import type { SourceServer } from '../api/source-server.ts'

/** Of a server, what it takes to see whether it is new. */
type Watched = Pick<SourceServer, 'sourceServerID' | 'userProvidedID' | 'lifeCycle'>

/**
 * The servers that were added after the newest that was there before (by the service's clock, which
 * need not be the viewer's; undefined: not known yet), and the awaited one, once it is found.
 */
export function registeredSince<Server extends Watched>(
  newestBefore: string | undefined,
  servers: readonly Server[],
  awaited: { readonly userProvidedID: string; readonly found: readonly Server[] },
): readonly Server[] {
  if (newestBefore === undefined) return []
  const added = servers.filter(({ lifeCycle }) => lifeCycle.addedToServiceDateTime > newestBefore)
  const { userProvidedID } = awaited
  const own =
    userProvidedID === ''
      ? []
      : awaited.found.filter((server) => server.userProvidedID === userProvidedID)
  const isAdded = new Set(added.map(({ sourceServerID }) => sourceServerID))
  return [...added, ...own.filter(({ sourceServerID }) => !isAdded.has(sourceServerID))]
}
