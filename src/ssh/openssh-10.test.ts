// Against OpenSSH 10, in both roles: what a second implementation of ML-KEM says of ours. And the system's older OpenSSH, which has none.
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDebian12, openSsh10 } from '../../test/harness/openssh-10.ts'
import { buildSecurityKey, makeKey, type MadeKey } from '../../test/harness/security-key.ts'
import { startSshd, type TestSshd } from '../../test/harness/sshd.ts'
import { waitUntil } from '../../test/harness/wait.ts'
import type { Authenticator } from './authenticator.ts'
import { ClientTransport } from './client-transport.ts'
import { HostSocket } from './host-socket.ts'
import type { Engine } from './library.ts'
import { mlkem } from './mlkem.ts'
import { checkSignature, type SignatureFacts } from './signature.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'
import { Userauth } from './userauth.ts'

/** New keys, one exchange after another; the methods that were agreed on. */
async function rekeyed(engine: Engine, times: number): Promise<string[]> {
  const methods: string[] = []
  for (let turn = 0; turn < times; turn++) {
    engine.rekey()
    await waitUntil('the key exchange to end', () => engine._kexinit === undefined, { everyMs: 5 })
    methods.push(engine._kex?.negotiated.kex ?? '')
  }
  return methods
}
const releases = isDebian12 ? (['10', 'the system'] as const) : (['the system'] as const)
const expected = (release: string) => (release === '10' ? mlkem : 'curve25519-sha256')

describe.each(releases)('to the sshd of %s', (release) => {
  let sshd: TestSshd
  beforeAll(async () => {
    const own = release === '10' ? openSsh10() : undefined
    sshd = await startSshd(own ? { program: own.sshd, config: own.sshdConfig } : {})
  }, 60_000)
  afterAll(async () => await sshd?.stop())

  it('the best method of both is agreed on, and by every rekey', async () => {
    const socket = new HostSocket({ host: sshd.host, port: sshd.port })
    await once(socket.socket, 'connect')
    const transport = new ClientTransport({ socket, hostKeyTypes: [], ident: 'Test' })
    const { signal } = new AbortController()
    await transport.handshake(signal)
    expect(transport.engine._kex?.negotiated.kex).toBe(expected(release))
    expect(await new Userauth(transport, sshd.user).password(Buffer.from(sshd.password ?? ''), signal)).toEqual({ accepted: true })
    expect(await rekeyed(transport.engine, 5)).toEqual(Array<string>(5).fill(expected(release)))
    expect(transport.isClosed).toBe(false)
    transport.close()
  })
})

describe.each(releases)('from the ssh of %s', (release) => {
  const keys = new Map<string, MadeKey>()
  /** What the signature of the key said that signed in last. */
  let facts: SignatureFacts | undefined
  const authenticator: Authenticator = {
    none: async () => ({ state: 'refused' }),
    keyOffered: async (_user, key) => [...keys.values()].some((known) => known.blob.equals(key.blob)),
    key: async (_user, key) => {
      facts = checkSignature(key.blob, key.algorithm, key.data, key.signature)
      return { state: facts ? 'accepted' : 'refused' }
    },
    password: async () => ({ state: 'refused' }),
    keyboard: () => ({ next: async () => ({ state: 'refused' }), cancel: () => undefined }),
  }
  let door: TestDoor
  let provider = ''
  let rekeys: Promise<string[]> | undefined
  beforeAll(async () => {
    door = await startTestDoor({
      authenticator: () => authenticator,
      signedIn: (transport) => {
        // Takes what channels would take, so that the connection is read on.
        transport.onTurn = () => undefined
        rekeys = rekeyed(transport.engine, 3).finally(() => transport.close())
      },
    })
    provider = await buildSecurityKey(door.folder)
    for (const type of ['ed25519', 'ed25519-sk', 'ecdsa-sk']) keys.set(type, await makeKey(path.join(door.folder, `user-${type}`), ['-t', type], provider))
  }, 60_000)
  afterAll(async () => await door?.close())

  const come = async (type: string, flags = 1) => {
    facts = undefined
    rekeys = undefined
    const own = release === '10' ? openSsh10() : undefined
    const at = door.knocks.length
    const env = { SALLYPORT_SK_FLAGS: String(flags), ...(own ? { SSH_SK_HELPER: own.skHelper } : {}) }
    const options = ['-v', '-N', '-o', 'BatchMode=yes', '-o', `SecurityKeyProvider=${provider}`, '-i', keys.get(type)?.file ?? '']
    const run = await door.ssh([...options, 'alice@127.0.0.1'], '', { env, ...(own ? { program: own.ssh } : {}) })
    return { run, outcome: await door.knocks[at]?.outcome }
  }

  it('the best method of both is agreed on, and by every rekey', async () => {
    const { run, outcome } = await come('ed25519')
    expect(outcome).toBe('alice')
    expect(await rekeys).toEqual(Array<string>(3).fill(expected(release)))
    expect(run.stderr.match(/kex: algorithm: \S+/g)).toEqual(Array<string>(4).fill(`kex: algorithm: ${expected(release)}`))
  })

  it.each(['ed25519-sk', 'ecdsa-sk'])('a security key of type %s signs in when it is touched', async (type) => {
    expect(await come(type)).toMatchObject({ outcome: 'alice' })
    expect(facts).toEqual({ touched: true, verified: false })
    expect(await come(type, 5)).toMatchObject({ outcome: 'alice' })
    expect(facts).toEqual({ touched: true, verified: true })
    const { outcome } = await come(type, 0)
    expect(outcome).toBeInstanceOf(Error)
    expect(facts).toBeUndefined()
  })
})
