// Every procedure of the contract as one HTTP route: what is asked becomes the input, what the procedure says becomes the answer.
import { createProcedureClient, getRouter, isProcedure, ORPCError, traverseContractProcedures, ValidationError, type AnyRouter } from '@orpc/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Failure } from '#domain/failure.ts'
import { bodyLimitOf } from '#wire/body-limit.ts'
import type { Call } from './call.ts'
import { inputFailure } from './input-failure.ts'
import { readQuery } from './query.ts'
import { type RouteScope, routeScopes } from './route-scopes.ts'

export const apiPrefix = '/api/v1'
/** All that can be asked without being signed in; whatever is not named here needs a sign-in. */
const openToAll: ReadonlySet<string> = new Set(['claim.state', 'claim.make', 'signIn'])

declare module 'fastify' {
  interface FastifyContextConfig {
    openToAll?: boolean
    /** What an API token needs for it. */
    scope?: RouteScope
  }
}

/** `callOf` gives the call that the server has identified before the body was read. */
export function addContractRoutes(fastify: FastifyInstance, router: AnyRouter, callOf: (request: FastifyRequest) => Call): void {
  traverseContractProcedures({ router, path: [] }, ({ path }) => {
    const procedure = getRouter(router, path)
    if (!isProcedure(procedure)) throw new Error(`the route ${path.join('.')} has no procedure`)
    const { route, inputSchema } = procedure['~orpc']
    if (route.path === undefined || route.method === undefined) throw new Error(`the route ${path.join('.')} has no method and path`)
    const name = path.join('.')
    const scope = routeScopes[name]
    if (scope === undefined) throw new Error(`the route ${name} has no scope for API tokens`)
    const url = apiPrefix + route.path.replace(/\{(\w+)\}/g, ':$1')
    fastify.route({
      method: route.method,
      url,
      bodyLimit: bodyLimitOf(route.method, url),
      config: { openToAll: openToAll.has(name), scope },
      handler: async (request, reply) => {
        const call = callOf(request)
        const client = createProcedureClient(procedure, { context: call, path })
        try {
          const output: unknown = await client(readInput(request, inputSchema !== undefined), { signal: call.signal })
          return await reply.code(route.successStatus ?? 200).send(output)
        } catch (error) {
          throw refusedInput(error) ?? error
        }
      },
    })
  })
}

/** Path parameters, with the query of a GET or the body of anything else. A name that is given in the path cannot be given again beside it: nobody can ask for one id and act on another. */
function readInput(request: FastifyRequest, takesInput: boolean): Record<string, unknown> | undefined {
  const query = readQuery(new URL(request.url, 'http://control').search)
  const params = request.params as Record<string, string>
  const isRead = request.method === 'GET'
  const body = (isRead ? query : (request.body as Record<string, unknown> | undefined)) ?? {}
  const stray = (isRead ? [] : Object.keys(query)).concat(Object.keys(body).filter((name) => !takesInput || Object.hasOwn(params, name)))[0]
  if (stray !== undefined) throw new Failure('unknown_field', 'There is no field with this name.', { field: stray })
  return takesInput ? { ...body, ...params } : undefined
}

function refusedInput(error: unknown): Failure | undefined {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST' || !(error.cause instanceof ValidationError)) return undefined
  return inputFailure(error.cause.issues)
}
