// For tests: a connection that is signed in to a real sshd, or to a door of ours.
import { once } from 'node:events'
import type { TestSshd } from '../../test/harness/sshd.ts'
import { ClientTransport } from './client-transport.ts'
import { HostSocket } from './host-socket.ts'
import { Userauth } from './userauth.ts'

export async function signedIn(sshd: Pick<TestSshd, 'host' | 'port' | 'user' | 'password'>): Promise<ClientTransport> {
  const socket = new HostSocket({ host: sshd.host, port: sshd.port })
  await once(socket.socket, 'connect')
  const transport = new ClientTransport({ socket, hostKeyTypes: [], ident: 'Test' })
  const { signal } = new AbortController()
  await transport.handshake(signal)
  const outcome = await new Userauth(transport, sshd.user).password(Buffer.from(sshd.password ?? ''), signal)
  if (!('accepted' in outcome) || !outcome.accepted) throw new Error('sshd refused the account')
  return transport
}
