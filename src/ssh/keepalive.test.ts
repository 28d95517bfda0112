import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import { ClientTransport } from './client-transport.ts'
import { HostSocket } from './host-socket.ts'
import { Keepalive } from './keepalive.ts'
import { Userauth } from './userauth.ts'

let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd()
}, 60_000)
afterAll(async () => await sshd?.stop())

async function signedIn(): Promise<ClientTransport> {
  const socket = new HostSocket({ host: sshd.host, port: sshd.port })
  await once(socket.socket, 'connect')
  const transport = new ClientTransport({ socket, hostKeyTypes: [], ident: 'Test' })
  const { signal } = new AbortController()
  await transport.handshake(signal)
  const outcome = await new Userauth(transport, sshd.user).password(Buffer.from(sshd.password ?? ''), signal)
  expect(outcome).toEqual({ accepted: true })
  return transport
}

describe('the keepalive', () => {
  it('measures a host that answers, for as long as it answers', async () => {
    const transport = await signedIn()
    const keepalive = new Keepalive(transport, 20)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(transport.isClosed).toBe(false)
    expect(keepalive.rttMs).toBeGreaterThan(0)
    keepalive.stop()
    transport.close()
  })

  it('closes the connection to a host that hangs, after three without an answer', async () => {
    const transport = await signedIn()
    const closed = new Promise<unknown>((resolve) => (transport.onClosed = resolve))
    // After the sign-in sshd makes the process that answers from then on.
    await new Promise((resolve) => setTimeout(resolve, 500))
    sshd.freezeSessions()
    const started = performance.now()
    const keepalive = new Keepalive(transport, 200)
    expect(await closed).toMatchObject({ code: 'host_timeout' })
    expect(performance.now() - started).toBeGreaterThan(550)
    keepalive.stop()
    sshd.freezeSessions(false)
  })
})
