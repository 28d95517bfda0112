// A host that knows nothing newer than SHA-1 and CBC, as the real sshd plays it: reached while it is marked, and not a moment longer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure, isFailure } from '#domain/failure.ts'
import { LeaseId, makeId } from '#domain/id.ts'
import type { ClientTransport } from '#ssh/client-transport.ts'
import { Userauth } from '#ssh/userauth.ts'
import { startSshd, type TestSshd } from '../../../test/harness/sshd.ts'
import { waitUntil } from '../../../test/harness/wait.ts'
import { answerProbe } from '../probe.ts'
import { greet } from './greet.ts'
import { HostConnection } from './host-connection.ts'
import { reach } from './reach.ts'
import { admissionFor, hostKeyFromLine, playLink, playPerson } from './test-asks.ts'

const old = ['KexAlgorithms diffie-hellman-group14-sha1', 'HostKeyAlgorithms ssh-rsa', 'Ciphers aes128-cbc', 'MACs hmac-sha1']
let sshd: TestSshd
beforeAll(async () => {
  sshd = await startSshd({ config: old })
}, 60_000)
afterAll(async () => await sshd?.stop())

const { signal } = new AbortController()
const line = () => reach({ address: sshd.host, port: sshd.port }, { listeners: [], mayDialLoopback: true, signal })
const day = 86_400_000
async function transportTo(legacyUntil: number | undefined): Promise<ClientTransport | Failure> {
  try {
    return (await greet(await line(), { hostKeyTypes: ['ssh-rsa'], legacyUntil, signal })).transport
  } catch (cause) {
    if (isFailure(cause)) return cause
    throw cause
  }
}

describe('a host with old algorithms alone', () => {
  it('is refused without a mark, in words that say what to do', async () => {
    const answer = await transportTo(undefined)
    expect(answer).toMatchObject({
      code: 'host_algorithms_old',
      message: expect.stringMatching(/key exchange algorithm in common.*allow old algorithms/) as string,
    })
  })

  it('is refused once the mark has run out', async () => {
    expect(await transportTo(Date.now() - 1)).toMatchObject({ code: 'host_algorithms_old' })
  })

  it('is reached while it is marked, by the old ones, and by every rekey', async () => {
    const transport = await transportTo(Date.now() + day)
    if (transport instanceof Failure) throw transport
    const agreed = () => {
      const { kex, serverHostKey, cs, sc } = transport.engine._kex?.negotiated ?? { kex: '', serverHostKey: '', cs: { cipher: '' }, sc: { mac: '' } }
      return { kex, serverHostKey, cipher: cs.cipher, mac: sc.mac }
    }
    const expected = { kex: 'diffie-hellman-group14-sha1', serverHostKey: 'ssh-rsa', cipher: 'aes128-cbc', mac: 'hmac-sha1' }
    expect(agreed()).toEqual(expected)
    await new Userauth(transport, sshd.user).password(Buffer.from(sshd.password ?? ''), signal)
    transport.engine.rekey()
    await waitUntil('the key exchange to end', () => transport.engine._kexinit === undefined, { everyMs: 5 })
    expect([agreed(), transport.isClosed]).toEqual([expected, false])
    transport.close()
  })

  it('carries a session when the Admission says so, and none when it does not', async () => {
    const target = { address: sshd.host, port: sshd.port, username: sshd.user }
    const hostKeys = [hostKeyFromLine(sshd.hostKeys.rsa.publicKey)]
    const dial = (legacyUntil?: number) =>
      HostConnection.dial({
        admission: admissionFor(target, { hostKeys, auth: { kind: 'password' }, ...(legacyUntil === undefined ? {} : { legacyUntil }) }),
        link: playLink({ password: sshd.password ?? '' }),
        prompter: playPerson(() => null),
        listeners: [],
        signal,
      })
    await expect(dial()).rejects.toMatchObject({ code: 'host_algorithms_old' })
    const connection = await dial(Date.now() + day)
    const channel = await connection.session(signal)
    channel.destroy()
    connection.close()
  })

  it('shows its key to a scan that may use them, and to no other', async () => {
    const scan = (more: { legacyUntil?: number }) =>
      answerProbe(
        { probe: 'scan', lease: makeId(LeaseId, 'ck', Buffer.alloc(15)), address: sshd.host, port: sshd.port, mayDialLoopback: true, ...more },
        { link: playLink({}), listeners: [], signal },
      )
    await expect(scan({})).rejects.toMatchObject({ code: 'host_algorithms_old' })
    expect(await scan({ legacyUntil: Date.now() + day })).toEqual({ probe: 'scan', keys: [hostKeyFromLine(sshd.hostKeys.rsa.publicKey)] })
  })
})
