import type { FastifyInstance } from 'fastify'
import type { Api, ApiName } from '../http/api/api.ts'
import type { ApiCall } from '../http/api/api-operation.ts'
import { runOwn } from '../http/api/own.ts'
import { parseJsonBody, receivedRequest, type ServiceContext } from '../http/call.ts'
import { RequestError } from '../http/failure.ts'
import type { Operation } from '../http/operation.ts'
import { shapeOutput } from '../http/shape-output.ts'
import { requireSameOrigin } from './same-origin.ts'
import { OPEN_SCREEN } from '../screens/screen-routes.ts'
import { routeSessions } from './session-routes.ts'
import { principalOf, signedIn } from './signed-in.ts'

/** Of Landfall's own operations: service in the path, and prefix of actions in policies. */
const OWN = 'landfall'

export interface Callable {
  readonly api: Api
  /** Landfall's own operations. */
  readonly own: Readonly<Record<string, Operation>>
}

/**
 * Routes what the console's pages ask: signing in, and every operation that a user may call, as
 * `POST /console/api/{service}/{operation}`, JSON both ways with the names of the model. The caller
 * is whose session the cookie is; all else is as in the other protocols.
 */
export function routeConsole(
  server: FastifyInstance,
  service: ServiceContext,
  callable: Callable,
): void {
  routeSessions(server, service, actionsOf(callable))
  server.post<{ Params: { service: string; operation: string } }>(
    '/console/api/:service/:operation',
    async (request, reply) => {
      requireSameOrigin(request)
      const principal = await principalOf(service, await signedIn(service, request))
      const wire = parseJsonBody(receivedRequest(request).body)
      const { service: called, operation } = request.params
      const run = find(service, callable, called, operation)
      return await run({ request, reply, principal, wire })
    },
  )
}

function find(
  service: ServiceContext,
  { api, own }: Callable,
  called: string,
  name: string,
): (call: ApiCall) => Promise<unknown> {
  const operation = called === OWN && Object.hasOwn(own, name) ? own[name] : undefined
  if (operation !== undefined) {
    return (call) => runOwn(service, { name, prefix: OWN, operation }, call)
  }
  const found = Object.hasOwn(api, called) ? api[called as ApiName].get(name) : undefined
  if (found === undefined) {
    throw new RequestError('unknownOperation', `There is no operation ${called}:${name}.`)
  }
  const { model, operation: described, run } = found
  return async (call) => {
    const output = await run(call)
    return described.output === undefined ? {} : shapeOutput(model, described.output, output)
  }
}

/** All that can be asked for, as policies name it. */
function actionsOf({ api, own }: Callable): string[] {
  const named = Object.entries(api).flatMap(([name, operations]) =>
    Array.from(operations.keys(), (operation) => `${name}:${operation}`),
  )
  const owned = [...Object.keys(own), OPEN_SCREEN]
  return [...named, ...owned.map((operation) => `${OWN}:${operation}`)]
}
