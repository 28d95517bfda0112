// How to get in by ssh: where the door is, how it proves itself, and a configuration that is ready to paste.
import { Failure } from '#domain/failure.ts'
import { HostAddress } from '#domain/asset.ts'
import { knownHostsName, knownHostsOf, sshConfigText } from '../../sign-in/ssh-config.ts'
import { usableHosts } from '../../sign-in/usable-hosts.ts'
import type { ApiParts } from '../parts.ts'
import type { Routes } from '../router.ts'

export function doorRoutes(routes: Routes['door'], { door, store, now }: ApiParts) {
  return {
    get: routes.get.handler(async () => {
      const place = door.place()
      const keys = await door.keys.list()
      const name = place === undefined ? knownHostsName : place.port === 22 ? place.host : `[${place.host}]:${place.port}`
      const hostKeys = keys.map(({ type, fingerprint, publicKey }) => ({ type, fingerprint, line: `${name} ${type} ${publicKey}` }))
      return { ...place, hostKeys }
    }),
    sshConfig: routes.sshConfig.handler(async ({ input, context: call }) => {
      const place = {
        ...door.place(),
        ...(input.host === undefined ? {} : { host: addressOf(input.host) }),
        ...(input.port === undefined ? {} : { port: input.port }),
      }
      const { host, port } = place
      if (host === undefined || port === undefined)
        throw new Failure('conflict', 'The SSH door of this Sallyport is shut. Name its host and port if it is elsewhere.')
      const hosts = await usableHosts(store.db, call.me.asker, call.source, now())
      const { text, count } = sshConfigText({ host, port, username: call.me.operator.username }, hosts)
      return { text, knownHosts: knownHostsOf(await door.keys.list()), hosts: count }
    }),
  }
}

/** What goes into a file that ssh reads is an address and nothing else. */
function addressOf(text: string): string {
  const parsed = HostAddress.safeParse(text)
  if (!parsed.success) throw new Failure('bad_request', 'This is no host name and no IP address.', { field: 'host' })
  return parsed.data
}
