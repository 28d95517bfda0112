// The address that people come to.
import { createServer } from 'node:net'
import { isIP } from 'node:net'
import { CommandFailed } from './say.ts'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Whether only people who are on this machine already can come: then its loopback addresses are no secret to them. A proxy brings others. */
export const isReachedFromHereAlone = (settings: { http: { host: string }; behindProxy: readonly string[] }): boolean =>
  isLoopback(settings.http.host) && settings.behindProxy.length === 0

/**
 * The port that gateways will share; a free one for port 0. Gateways listen with SO_REUSEPORT, which would silently share a port with another Sallyport of the
 * same user, so it is tried once without. Throws `CommandFailed` when it is taken.
 */
export function checkListener({ host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there: stop it, or give --http another port' : cause.message
      reject(new CommandFailed(`cannot listen on ${host}:${port}: ${why}`, { cause }))
    })
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}

/** Where a browser on this machine finds it. */
export function webAddress(host: string, port: number, tls: boolean): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host
  return new URL(`${tls ? 'https' : 'http'}://${name}:${port}`).origin
}
