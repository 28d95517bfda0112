// A stranger's upgrade, written again for the gateway that it is for, and read there: the one place where gateways vouch for who came.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { SessionId } from '#domain/id.ts'
import { terminalPath } from '#wire/api.ts'
import { gatewayHeaders } from '#wire/link.ts'
import type { Source } from '../browser-door/source-address.ts'

/** RFC 9110 section 5.6.2 and 5.5; obsolete line folding is none of it. */
const headerName = /^[\w!#$%&'*+\-.^`|~]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/
const onlyGatewaysSay = 'x-sallyport-'

/**
 * The head of the request as Latin-1 bytes: path and headers as they came, in their order, with who came in our own words in place of what the stranger said of it.
 * Undefined when it is no plain GET: one with a body could be read in two ways by two parsers.
 */
export function writeUpgrade(request: IncomingMessage, session: SessionId, source: Source): Buffer | undefined {
  if (request.method !== 'GET' || request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) return undefined
  const lines = [
    `GET ${terminalPath}/${session} HTTP/1.1`,
    `${gatewayHeaders.source}: ${source.address}`,
    `${gatewayHeaders.secure}: ${source.secure ? '1' : '0'}`,
  ]
  const { rawHeaders } = request
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    if (!headerName.test(name) || !headerValue.test(value)) return undefined
    if (!name.toLowerCase().startsWith(onlyGatewaysSay)) lines.push(`${name}: ${value}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** Who came, as the gateway says that relayed them; undefined when it does not say so once and rightly. */
export function readRelayedSource(request: IncomingMessage): Source | undefined {
  const address = request.headersDistinct[gatewayHeaders.source]
  const secure = request.headersDistinct[gatewayHeaders.secure]
  if (address?.length !== 1 || secure?.length !== 1 || isIP(address[0] ?? '') === 0) return undefined
  return { address: address[0] ?? '', secure: secure[0] === '1' }
}
