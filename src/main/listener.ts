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
export function checkListener({ host, port }: { host: string; port: number }, flag: '--http' | '--ssh' = '--http'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const another = flag === '--ssh' ? '--ssh another port, or "off" to do without ssh' : `${flag} another port`
      const why = cause.code === 'EADDRINUSE' ? `something else listens there: stop it, or give ${another}` : cause.message
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

/** What people type to come by ssh. `host`: where it listens, or the name under which the pages are reached when it listens everywhere. */
export function sshCommand({ host, port }: { host: string; port: number }, address: string, username: string | undefined): string {
  const name = host === '0.0.0.0' || host === '::' ? new URL(address).hostname.replace(/^\[|\]$/g, '') : host
  return `ssh ${port === 22 ? '' : `-p ${port} `}${username ?? 'YOUR-NAME'}@${name}`
}
