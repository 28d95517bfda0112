// Passes people's `/api` requests to control over its Unix socket, unread. Adds who they came from; nothing that a person sends can pretend to be that.
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { bodyLimitOf, maxBodyBytes } from '#wire/body-limit.ts'
import { gatewayHeaders } from '#wire/link.ts'
import { refuse } from './refuse.ts'
import { securityHeaders } from './security-headers.ts'
import type { Source } from './source-address.ts'

/** A scan of a host takes up to 30 s. */
const answerWithinMs = 60_000
const maxUnderWay = 256
/** Of one address, which may be an office behind a NAT: a page asks a handful at once. Whoever drips requests cannot keep others out alone. */
const maxUnderWayPerSource = 64
/** Requests that may be larger than others (an import) are held whole too, for people who are not known yet: so few at once. */
const maxLargeUnderWay = 4
/** RFC 9110 section 7.6.1, and what only a proxy may say. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
])

export type ApiProxyOptions = { socketPath: string; token(): string | undefined }

export class ApiProxy {
  readonly #options: ApiProxyOptions
  #underWay = 0
  #largeUnderWay = 0
  readonly #bySource = new Map<string, number>()

  constructor(options: ApiProxyOptions) {
    this.#options = options
  }

  /** Answers 503 `control_unreachable` when control is away, 413 `too_large` for a body above what control takes there. */
  forward(from: IncomingMessage, to: ServerResponse, source: Source): void {
    const token = this.#options.token()
    if (token === undefined) return this.#away(to, source)
    const limit = bodyLimitOf(from.method ?? 'GET', (from.url ?? '/').split('?', 1)[0] ?? '/')
    const isLarge = limit > maxBodyBytes
    const isFull = this.#underWay >= maxUnderWay || (isLarge && this.#largeUnderWay >= maxLargeUnderWay)
    if (isFull || (this.#bySource.get(source.address) ?? 0) >= maxUnderWayPerSource)
      return refuse(
        to,
        { status: 503, code: 'rate_limited', message: 'Too many requests at once. Try again in a moment.', retryAfterSeconds: 1 },
        source.secure,
      )
    if (Number(from.headers['content-length'] ?? 0) > limit) return this.#tooLarge(to, source, limit)
    this.#count(source.address, 1)
    if (isLarge) this.#largeUnderWay += 1
    let onward: ClientRequest | undefined
    to.once('close', () => {
      this.#count(source.address, -1)
      if (isLarge) this.#largeUnderWay -= 1
      onward?.destroy()
    })
    const tooLarge = () => this.#tooLarge(to, source, limit)
    holdBody(from, limit, tooLarge, (body) => {
      if (!to.destroyed) onward = this.#ask(from, body, token, to, source)
    })
  }

  #ask(from: IncomingMessage, body: Buffer, token: string, to: ServerResponse, source: Source): ClientRequest {
    const headers = {
      ...passedOn(from.headers),
      // Else control would close as soon as it has refused.
      connection: 'keep-alive',
      ...(body.length > 0 ? { 'content-length': body.length } : {}),
      [gatewayHeaders.token]: token,
      [gatewayHeaders.source]: source.address,
      [gatewayHeaders.secure]: source.secure ? '1' : '0',
    }
    // A connection each: on a Unix socket it costs little, and no request is ever sent into one that control is about to close.
    const onward = request({
      socketPath: this.#options.socketPath,
      agent: false,
      method: from.method ?? 'GET',
      path: from.url ?? '/',
      headers,
      timeout: answerWithinMs,
    })
    onward.on('response', (answer) => {
      to.writeHead(answer.statusCode ?? 502, {
        ...securityHeaders('data', source.secure),
        'cache-control': 'no-store',
        ...withoutHops(answer.headers),
      })
      // An error on either side has closed both; there is no one left to tell.
      pipeline(answer, to, () => undefined)
    })
    onward.on('timeout', () => onward.destroy(new Error('control took too long')))
    onward.on('error', () => {
      if (!to.destroyed) this.#away(to, source)
    })
    return onward.end(body)
  }

  #count(address: string, by: 1 | -1): void {
    this.#underWay += by
    const count = (this.#bySource.get(address) ?? 0) + by
    if (count > 0) this.#bySource.set(address, count)
    else this.#bySource.delete(address)
  }

  #tooLarge(to: ServerResponse, source: Source, limit: number): void {
    to.setHeader('connection', 'close')
    refuse(to, { status: 413, code: 'too_large', message: `The request is larger than ${limit / 1024} KiB.` }, source.secure)
  }

  #away(to: ServerResponse, source: Source): void {
    const message = 'Sallyport cannot reach its control process. Open terminals go on; try again in a moment.'
    refuse(to, { status: 503, code: 'control_unreachable', message, retryAfterSeconds: 2 }, source.secure)
  }
}

/**
 * The body whole, so that it leaves in one write: control may refuse and close while a later one is on its way, which would break the answer.
 * Calls back once, or never when the request breaks off.
 */
function holdBody(from: IncomingMessage, limit: number, tooLarge: () => void, whole: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const take = (chunk: Buffer) => {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes <= limit) return
    from.off('data', take).off('end', end).pause()
    chunks.length = 0
    tooLarge()
  }
  const end = () => whole(Buffer.concat(chunks))
  from.on('data', take).once('end', end)
  // The end of its connection closes the answer too.
  from.on('error', () => undefined)
}

function namedByConnection(headers: IncomingHttpHeaders): Set<string> {
  return new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = namedByConnection(headers)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !notPassedOn.has(name) && !named.has(name)))
}

/** What a person sent, without hops and without anything that only a gateway may say; `X-Sallyport` itself is theirs. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(withoutHops(headers)).filter(([name]) => !name.startsWith('x-sallyport-')))
}
