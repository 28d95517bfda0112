// The HTTP API of control. It has no listener of its own: control's one server on the Unix socket hands requests over, all of which come from gateways and were sent by strangers.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import fastifyOf, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Failure } from '#domain/failure.ts'
import { maxBodyBytes } from '#wire/body-limit.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { readCookie } from '#wire/sign-in-cookie.ts'
import { readBearer } from '#wire/api-token.ts'
import { inRequest } from '../audit/request-scope.ts'
import { Call, type Me } from './call.ts'
import { addContractRoutes, apiPrefix } from './contract-routes.ts'
import { clearCookie, setCookie } from './cookie.ts'
import { errorBody, failureOf } from './error-body.ts'
import { isPlainText, readJsonBody } from './json-body.ts'
import { describeApi } from './openapi.ts'
import type { ApiParts } from './parts.ts'
import { buildRouter } from './router.ts'
import { addCsvRoutes } from './routes/csv.ts'
import { addRecordingRoute } from './routes/recording-file.ts'
import { statusOf } from './statuses.ts'

declare module 'fastify' {
  interface FastifyRequest {
    call: Call | null
  }
}

export type Api = {
  /** Give every request below `/api` to it. Requests without the token of a live gateway get 401 and nothing else. */
  requestListener(request: IncomingMessage, response: ServerResponse): void
  /** All that is served, as `GET /api/v1/assets/:id`. */
  readonly routes: readonly string[]
  close(): Promise<void>
}

/** C1 controls come through where HTTP lets bytes beyond ASCII pass (RFC 9110 section 5.5); the words of a browser are shown to its person. */
const unreadable = /\p{Cc}/gu
const isChange = (method: string) => method !== 'GET' && method !== 'HEAD'

export async function buildApi(parts: ApiParts): Promise<Api> {
  const fastify = fastifyOf({
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    genReqId: () => randomBytes(9).toString('base64url'),
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => answerError(parts, error, request, reply),
  })
  const routes: string[] = []
  fastify.addHook('onRoute', ({ method, url }) => void routes.push(`${String(method)} ${url}`))
  fastify.decorateRequest('call', null)
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => readJsonBody(bytes))

  fastify.addHook('onRequest', async (request) => {
    // A page of another site can send a form or an image request with our cookie, but not this header; and a browser says where a request comes from.
    if (isChange(request.method)) refuseForeignPages(request, readBearer(request.headers.authorization) !== undefined)
    // No id holds such characters, and PostgreSQL would not even take the question.
    if (!Object.values((request.params ?? {}) as Record<string, string>).every(isPlainText)) throw new Failure('not_found', 'There is nothing at this address.')
  })
  // Before the body is read: a stranger does not get to make us parse.
  fastify.addHook('onRequest', async (request, reply) => {
    const call = await identify(parts, request, reply)
    request.call = call
    const { openToAll, scope } = request.routeOptions.config
    if (openToAll === false) void call.me
    // What stands outside the contract is read: files, and the description.
    if (!request.is404) call.needScope(scope ?? (isChange(request.method) ? 'person' : 'read'))
  })
  // What is done for a request names it in the ledger, however deep it happens.
  fastify.addHook('preHandler', (request, _reply, done) => inRequest(request.id, done))
  fastify.addHook('onSend', async (request, reply) => {
    const { cookie, secure } = request.call ?? {}
    if (cookie !== undefined) void reply.header('set-cookie', cookie === null ? clearCookie(secure === true) : setCookie(cookie, secure === true))
    addSecurityHeaders(reply)
  })
  fastify.setErrorHandler((error, request, reply) => answerError(parts, error, request, reply))
  fastify.setNotFoundHandler((request, reply) => answerError(parts, nothingHere(fastify, request, reply), request, reply))

  addContractRoutes(fastify, buildRouter(parts), callOf)
  addRecordingRoute(fastify, parts, callOf)
  addCsvRoutes(fastify, parts, callOf)
  const description = await describeApi()
  fastify.get('/api/openapi.json', { config: { openToAll: true } }, async () => description)
  await fastify.ready()

  return {
    routes,
    requestListener(request, response) {
      const token = request.headers[gatewayHeaders.token]
      if (typeof token !== 'string' || !parts.gateways.isGatewayToken(token)) return refuseStranger(response)
      fastify.routing(request, response)
    },
    close: () => fastify.close(),
  }
}

function callOf(request: FastifyRequest): Call {
  if (!request.call) throw new Error('the request was not identified')
  return request.call
}

/** A program's token is no cookie that a browser would add by itself: it needs no header beside it. */
function refuseForeignPages(request: FastifyRequest, withToken: boolean): void {
  if (!withToken && request.headers['x-sallyport'] !== '1') throw new Failure('csrf_header_missing', 'Every change needs the header X-Sallyport: 1.')
  const site = request.headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') throw new Failure('origin_not_allowed', 'A page of another site cannot change anything here.')
}

async function identify(parts: ApiParts, request: FastifyRequest, reply: FastifyReply): Promise<Call> {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Failure('bad_request', 'The asking side went away.'))
  })
  const secure = headerOf(request, gatewayHeaders.secure) === '1'
  const source = headerOf(request, gatewayHeaders.source).slice(0, 64)
  const me = await whoAsks(parts, request, { secure, source })
  return new Call({
    source,
    requestId: request.id,
    secure,
    agent: headerOf(request, 'user-agent').replace(unreadable, '').slice(0, 200),
    signal: gone.signal,
    me,
  })
}

async function whoAsks(parts: ApiParts, request: FastifyRequest, { secure, source }: { secure: boolean; source: string }): Promise<Me | undefined> {
  const cookie = readCookie(request.headers.cookie, secure)
  const bearer = readBearer(request.headers.authorization)
  // Else a token, which needs no header of ours, would carry a foreign page's request past the check of a cookie.
  if (bearer !== undefined && cookie !== undefined) throw new Failure('bad_request', 'Ask with the cookie or with an API token, not with both.')
  if (bearer !== undefined) return parts.tokens.identify(bearer, source)
  const identified = cookie === undefined ? undefined : await parts.signIns.identify(cookie)
  return cookie === undefined || identified === undefined ? undefined : { ...identified, cookie }
}

const headerOf = (request: FastifyRequest, name: string): string => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

/** 405 where another method would do (RFC 9110 section 15.5.6), else 404. */
function nothingHere(fastify: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Failure {
  const path = request.url.split('?', 1)[0] ?? ''
  const allowed = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => fastify.findRoute({ method: method as 'GET', url: path }) !== null)
  if (!path.startsWith(`${apiPrefix}/`) || allowed.length === 0) return new Failure('not_found', 'There is nothing at this address.')
  void reply.header('allow', allowed.join(', '))
  return new Failure('method_not_allowed', `This address takes ${allowed.join(', ')}.`)
}

function answerError(parts: ApiParts, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = failureOf(error)
  if (failure) {
    const after = failure.detail?.['retryAfterSeconds']
    if (typeof after === 'number') void reply.header('retry-after', String(Math.ceil(after)))
    void reply.code(statusOf(failure.code)).send(errorBody(failure))
    return
  }
  parts.log('error', 'api.failed', { request: request.id, method: request.method, route: request.routeOptions.url, error })
  void reply.code(500).send(errorBody(new Failure('internal', `Something went wrong inside Sallyport. Its log has the details under ${request.id}.`)))
}

function addSecurityHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
  void reply.headers({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  })
}

/** Whoever reaches the socket without a gateway's token learns nothing, not even which addresses exist. */
function refuseStranger(response: ServerResponse): void {
  const body = JSON.stringify(errorBody(new Failure('unauthenticated', 'Only gateways are served here.')))
  response.writeHead(401, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', connection: 'close' })
  response.end(body)
}
