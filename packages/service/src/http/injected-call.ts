import type { FastifyInstance } from 'fastify'
import type { CallOperation } from '../instances/agent-channel.ts'

/** Calls come in by the server's own routes, with all their checks, as if over HTTPS. */
export function injectedCall(server: FastifyInstance): CallOperation {
  return async ({ action, input }) => {
    const response = await server.inject({
      method: 'POST',
      url: `/${action}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(input),
    })
    const errorType = response.headers['x-amzn-errortype']
    return {
      status: response.statusCode,
      ...(typeof errorType === 'string' && { errorType }),
      body: response.json<object>(),
    }
  }
}
