// Requests about files for a session of another gateway of this machine: passed on over its relay socket, unread, each direction no faster than its reader. Control is not asked.
import { type ClientRequest, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Logger } from 'pino'
import type { SessionId } from '#domain/id.ts'
import { markOf } from '#domain/id.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { passedOn } from '../browser-door/api-proxy.ts'
import { type DoorRefusal, refuse } from '../browser-door/refuse.ts'
import { securityHeaders } from '../browser-door/security-headers.ts'
import type { Source } from '../browser-door/source-address.ts'
import { onlyReadersStall } from '../files-door/flow.ts'
import { relaySocketPath } from './relay-path.ts'

/** Two descriptors each, of the door's 4,096 connections; upgrades have bounds of their own. */
const usualMost = 500
/** Of one address, which may be an office behind a NAT: whoever drips requests cannot keep others out alone. */
const usualMostPerSource = 100

const unreachable: DoorRefusal = {
  status: 503,
  code: 'gateway_unavailable',
  message: 'The gateway that holds this session cannot be reached. Try again in a moment.',
  retryAfterSeconds: 2,
}
const full: DoorRefusal = { ...unreachable, message: 'This gateway passes on no more requests now. Try again in a moment.' }

export class RequestRelay {
  readonly #folder: string
  readonly #log: Logger
  readonly #most: { inAll: number; perSource: number }
  readonly #underWay = new Set<ClientRequest>()
  readonly #bySource = new Map<string, number>()

  /** `folder`: 0700, the gateways' alone. */
  constructor(folder: string, log: Logger, most = { inAll: usualMost, perSource: usualMostPerSource }) {
    this.#folder = folder
    this.#log = log
    this.#most = most
  }

  get size(): number {
    return this.#underWay.size
  }

  /** Host and origin have been judged. Answers 503 `gateway_unavailable` when that gateway is not there or too many are under way. */
  carry(from: IncomingMessage, to: ServerResponse, session: SessionId, source: Source): void {
    const mark = markOf(session)
    const own = this.#bySource.get(source.address) ?? 0
    if (mark === undefined) return refuse(to, unreachable, source.secure)
    if (this.#underWay.size >= this.#most.inAll || own >= this.#most.perSource) return refuse(to, full, source.secure)
    onlyReadersStall(to)
    this.#log.debug({ session, source: source.address }, 'a request about files is relayed to the gateway of its session')
    // A connection each, as for the API: no request is sent into one that is about to be closed.
    const onward = ask({
      socketPath: relaySocketPath(this.#folder, mark),
      agent: false,
      method: from.method ?? 'GET',
      path: from.url ?? '/',
      headers: headersOf(from, source),
    })
    this.#underWay.add(onward)
    this.#count(source.address, 1)
    onward.once('close', () => {
      this.#underWay.delete(onward)
      this.#count(source.address, -1)
    })
    // Continued by ours already.
    onward.on('response', (answer) => {
      to.writeHead(answer.statusCode ?? 502, { ...securityHeaders('data', source.secure), ...passedOn(answer.headers) })
      // What breaks on one side breaks the other: a cut answer must not look whole.
      pipeline(answer, to, () => undefined)
    })
    onward.on('error', (error) => {
      this.#log.debug({ session, err: error }, 'the gateway of a session could not be asked about files')
      if (!to.headersSent && !to.destroyed) refuse(to, unreachable, source.secure)
      else to.destroy()
    })
    to.once('close', () => onward.destroy())
    // Its errors are those of the answer's connection. It is not destroyed with `onward`, whose refusal is still to be passed on.
    from.on('error', () => undefined)
    if (hasBody(from)) from.pipe(onward)
    else onward.end()
  }

  /** Those that have not ended are cut. */
  cut(): void {
    for (const onward of this.#underWay) onward.destroy()
  }

  #count(address: string, by: 1 | -1): void {
    const count = (this.#bySource.get(address) ?? 0) + by
    if (count > 0) this.#bySource.set(address, count)
    else this.#bySource.delete(address)
  }
}

const hasBody = ({ headers }: IncomingMessage) => headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

/**
 * What a person sent, with who they are in our own words in place of what they said of it. A body without a length is sent on in chunks whatever the method: Node would put it bare behind a
 * GET or DELETE, where the other gateway would read it as a request of its own (request smuggling).
 */
function headersOf(from: IncomingMessage, source: Source): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(passedOn(from.headers))) if (value !== undefined) headers[name] = value
  return {
    ...headers,
    // Else the other would close as soon as it has refused, and the rest of the body would break its answer.
    connection: 'keep-alive',
    ...(from.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
    [gatewayHeaders.source]: source.address,
    [gatewayHeaders.secure]: source.secure ? '1' : '0',
  }
}
