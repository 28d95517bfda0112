// The cookie that a browser is known by: control sets and reads it, and a gateway reads it where a terminal is opened.

/** Under TLS the prefix binds it to this very host and to TLS (RFC 6265bis section 4.1.3.2): no neighbour can plant one. */
export const cookieName = (secure: boolean) => (secure ? '__Host-sallyport' : 'sallyport')

const tokenShape = /^[A-Za-z0-9_-]{20,100}$/

/** The token in a Cookie header (RFC 6265 section 5.4); undefined when it is absent, malformed, or there twice, since then one of them was planted. */
export function readCookie(header: string | undefined, secure: boolean): string | undefined {
  const name = cookieName(secure)
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [token] = found
  return found.length === 1 && token !== undefined && tokenShape.test(token) ? token : undefined
}
