import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { clientOffer, serverOffer } from './algorithms.ts'
import { doorKeys } from './door-keys.ts'
import { allowChaChaWithoutStrictness } from './key-exchange.ts'
import { cryptoReady, type AlgorithmOffer, type Engine, makeClientEngine, makeServerEngine } from './library.ts'
import { answerMlKem, beginMlKem, mlkem } from './mlkem.ts'
import { readPrivateKey } from './private-key.ts'
import { govern } from './role-rules.ts'
import { WireReader, wireString } from './wire-reader.ts'

beforeAll(() => cryptoReady)
const key = readPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const keys = doorKeys([key])

type Side = { engine: Engine; error: string | undefined; handshakes: number; methods: string[] }
/** What stands on the wire before the first NEWKEYS, packet by packet. Returns what is sent instead. */
type Tamper = (payload: Buffer, engine: Engine) => Buffer[]

const packetOf = (payload: Buffer): Buffer => {
  const padding = 8 - ((5 + payload.length) % 8) + (8 - ((5 + payload.length) % 8) < 4 ? 8 : 0)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + payload.length + padding)
  head.writeUInt8(padding, 4)
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}

/** Both engines of the library over a wire in memory, until nothing is under way. */
function connect(
  offers: { client?: Partial<AlgorithmOffer>; server?: Partial<AlgorithmOffer>; isLenient?: boolean } = {},
  tamper: { client?: Tamper; server?: Tamper } = {},
) {
  const wire: { to: Side; bytes: Buffer }[] = []
  const side = (): Side => ({ engine: undefined as unknown as Engine, error: undefined, handshakes: 0, methods: [] })
  const [client, server] = [side(), side()]
  const options = (own: Side, other: Side, change: Tamper | undefined) => {
    let isPlain = true
    return {
      ident: 'Test',
      onWrite: (bytes: Buffer) => {
        const isPacket = isPlain && !bytes.toString('latin1').startsWith('SSH-2.0-')
        const payload = bytes.subarray(5, bytes.length - (bytes[4] ?? 0))
        const sent = isPacket && change ? change(payload, own.engine).map(packetOf) : [Buffer.from(bytes)]
        if (isPacket && payload[0] === 21) isPlain = false
        for (const each of sent) wire.push({ to: other, bytes: each })
      },
      onError: (cause: Error) => (own.error ??= cause.message),
      onHandshakeComplete: () => {
        own.handshakes++
        own.methods.push(own.engine._kex?.negotiated.kex ?? '')
      },
      messageHandlers: {},
    }
  }
  client.engine = makeClientEngine({
    ...options(client, server, tamper.client),
    offer: { ...clientOffer([]), ...offers.client },
    hostVerifier: (_blob, permit) => permit(true),
  })
  server.engine = makeServerEngine({
    ...options(server, client, tamper.server),
    offer: { ...serverOffer(keys.algorithms), ...offers.server },
    hostKeys: keys.byAlgorithm,
  })
  if (offers.isLenient) allowChaChaWithoutStrictness(client.engine)
  for (const { engine } of [client, server]) govern(engine, { refusalOf: () => undefined, isSwamped: () => false })
  const settle = () => {
    for (let at = 0; at < 200; at++) {
      const next = wire.shift()
      if (!next) return
      if (next.to.engine._destruct === undefined) continue
      try {
        next.to.engine.parse(next.bytes, 0, next.bytes.length)
      } catch (cause) {
        next.to.error ??= String(cause)
      }
    }
    throw new Error('the two never stop')
  }
  client.engine.start()
  server.engine.start()
  settle()
  return { client, server, settle }
}

const kexInit = 20
const first = 30
const reply = 31

describe('ML-KEM beside X25519', () => {
  it('is what both sides take, and every rekey keeps it, whoever asks and when both do', () => {
    const { client, server, settle } = connect()
    expect(client).toMatchObject({ error: undefined, methods: [mlkem] })
    expect(server).toMatchObject({ error: undefined, methods: [mlkem] })
    const session = client.engine._kex?.sessionID
    for (const askers of [[client], [server], [client, server]]) {
      for (const each of askers) each.engine.rekey()
      settle()
    }
    expect(client).toMatchObject({ error: undefined, methods: [mlkem, mlkem, mlkem, mlkem] })
    expect(server).toMatchObject({ error: undefined, methods: [mlkem, mlkem, mlkem, mlkem] })
    // The session is that of the first exchange: what is signed to sign in names it.
    expect(client.engine._kex?.sessionID).toEqual(session)
    expect(server.engine._kex?.sessionID).toEqual(session)
  })

  it('makes the same secret on both sides, and another each time', () => {
    const begun = beginMlKem()
    expect(begun.message).toHaveLength(1216)
    const [one, other] = [answerMlKem(begun.message), answerMlKem(begun.message)]
    expect(one.message).toHaveLength(1120)
    expect(begun.open(one.message)).toEqual(one.secret)
    expect(begun.open(other.message)).toEqual(other.secret)
    expect(one.secret.equals(other.secret)).toBe(false)
    // What was changed on the way makes another secret, of which the signature of the host knows nothing (FIPS 203 section 6.3: no error).
    const changed = Buffer.from(one.message)
    changed[100] = (changed[100] ?? 0) ^ 1
    expect(begun.open(changed).equals(one.secret)).toBe(false)
  })

  const initWith =
    (change: (message: Buffer) => Buffer): Tamper =>
    (payload) => {
      if (payload[0] !== first) return [payload]
      const reader = new WireReader(payload.subarray(1))
      return [Buffer.concat([Buffer.of(first), wireString(change(Buffer.from(reader.string())))])]
    }
  const replyWith =
    (change: (message: Buffer) => Buffer): Tamper =>
    (payload) => {
      if (payload[0] !== reply) return [payload]
      const reader = new WireReader(payload.subarray(1))
      const [hostKey, message, signature] = [reader.string(), reader.string(), reader.string()]
      return [Buffer.concat([Buffer.of(reply), wireString(hostKey), wireString(change(Buffer.from(message))), wireString(signature)])]
    }
  it.each<[string, (message: Buffer) => Buffer]>([
    ['a C_INIT that is short', (message) => message.subarray(0, -1)],
    ['a C_INIT that is long', (message) => Buffer.concat([message, Buffer.of(0)])],
    ['an empty C_INIT', () => Buffer.alloc(0)],
    ['a point that is zero', (message) => message.fill(0, 1184)],
    ['a key that is not reduced', (message) => message.fill(0xff, 0, 3)],
  ])('ends the connection at %s', (_what, change) => {
    const { client, server } = connect({}, { client: initWith(change) })
    expect(server.error).toContain('computing DH secret')
    expect(server.handshakes).toBe(0)
    expect(client.handshakes).toBe(0)
  })
  it.each<[string, (message: Buffer) => Buffer]>([
    ['an S_REPLY that is short', (message) => message.subarray(0, -1)],
    ['an S_REPLY that is long', (message) => Buffer.concat([message, Buffer.of(0)])],
    ['an S_REPLY of X25519 alone', (message) => message.subarray(-32)],
    ['a point that is zero', (message) => message.fill(0, 1088)],
  ])('ends the connection at %s', (_what, change) => {
    const { client } = connect({}, { server: replyWith(change) })
    expect(client.error).toContain('computing DH secret')
    expect(client.handshakes).toBe(0)
  })
  it('ends the connection when the sealed part was changed on the way', () => {
    const { client } = connect({}, { server: replyWith((message) => message.fill(0, 10, 20)) })
    expect(client.error).toContain('signature verification failed')
    expect(client.handshakes).toBe(0)
  })
})

describe('every other method and cipher', () => {
  it.each(serverOffer([]).kex)('agrees by %s, and again', (method) => {
    const { client, server, settle } = connect({ client: { kex: [method] } })
    server.engine.rekey()
    settle()
    expect([client.methods, server.methods, client.error, server.error]).toEqual([[method, method], [method, method], undefined, undefined])
  })
  it.each(serverOffer([]).cs.cipher)('encrypts by %s', (cipher) => {
    const direction = { ...serverOffer([]).cs, cipher: [cipher] }
    const { client, server, settle } = connect({ client: { cs: direction, sc: direction } })
    client.engine.rekey()
    settle()
    expect([client.handshakes, server.handshakes, client.engine._kex?.negotiated.cs.cipher]).toEqual([2, 2, cipher])
  })
})

describe('what is offered', () => {
  const names = ({ kex, serverHostKey, cs, sc }: AlgorithmOffer) => [...kex, ...serverHostKey, ...cs.cipher, ...sc.cipher, ...cs.mac, ...sc.mac]
  const old = /sha1|ssh-rsa|ssh-dss|cbc|3des|arcfour|md5|group1-|group-exchange|zlib/
  it('is exactly this at the door', () => {
    const mac = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']
    const cipher = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr']
    const direction = { cipher, mac, compress: ['none'], lang: [] }
    expect(serverOffer(['ssh-ed25519'])).toEqual({
      kex: [
        'mlkem768x25519-sha256',
        ...['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'],
        ...['diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group14-sha256'],
      ],
      serverHostKey: ['ssh-ed25519'],
      cs: direction,
      sc: direction,
    })
  })
  it('has nothing old for people’s clients, nor for a host that is not marked', () => {
    for (const offer of [serverOffer(keys.algorithms), clientOffer([]), clientOffer(['ssh-rsa'], { only: true })]) {
      expect(names(offer).filter((name) => old.test(name))).toEqual([])
      expect([offer.cs.compress, offer.sc.compress]).toEqual([['none'], ['none']])
    }
    expect(names(serverOffer([])).filter((name) => name.includes('chacha'))).toEqual([])
  })
  it('ends with what is old for a host that is marked, without group exchange and compression', () => {
    const offer = clientOffer([], { allowsOld: true })
    expect(offer.kex.at(-1)).toBe('diffie-hellman-group14-sha1')
    expect(offer.serverHostKey.at(-1)).toBe('ssh-rsa')
    expect(names(offer).filter((name) => /group-exchange|zlib|3des|md5|arcfour|group1-|dss/.test(name))).toEqual([])
    expect(offer.cs.cipher.filter((name) => name.includes('cbc'))).toHaveLength(3)
    const current = names(clientOffer([]))
    expect(names(offer).slice(0, 5)).toEqual(current.slice(0, 5))
    expect(clientOffer(['ssh-ed25519'], { only: true, allowsOld: true }).serverHostKey).toEqual(['ssh-ed25519'])
  })
})

describe('ChaCha20', () => {
  const chacha = { ...serverOffer([]).cs, cipher: ['chacha20-poly1305@openssh.com'] }
  const offers = { client: { cs: chacha, sc: chacha }, server: { cs: chacha, sc: chacha } }
  /** What an attacker between, or an old program, leaves out. */
  const withoutStrict: Tamper = (payload) => [
    payload[0] === kexInit ? Buffer.from(payload.toString('latin1').replace('kex-strict', 'kex-looser'), 'latin1') : payload,
  ]
  it('is taken with strict key exchange', () => {
    expect(connect(offers).client).toMatchObject({ error: undefined, handshakes: 1 })
  })
  it.each(['client', 'server'] as const)('ends the connection when the %s is not strict', (role) => {
    const { client, server } = connect(offers, { [role]: withoutStrict })
    const other = role === 'client' ? server : client
    expect(other.error).toContain('CVE-2023-48795')
    expect([client.handshakes, server.handshakes]).toEqual([0, 0])
  })
})

it('lets a host that is marked use ChaCha20 without strict key exchange', () => {
  const direction = { ...serverOffer([]).cs, cipher: ['chacha20-poly1305@openssh.com'] }
  const offers = { client: { cs: direction, sc: direction }, server: { cs: direction, sc: direction } }
  const withoutStrict: Tamper = (payload) => [
    payload[0] === kexInit ? Buffer.from(payload.toString('latin1').replace('kex-strict', 'kex-looser'), 'latin1') : payload,
  ]
  // It gets as far as the signature, which does not fit what was changed here on the way.
  expect(connect({ ...offers, isLenient: true }, { server: withoutStrict }).client.error).toContain('signature verification failed')
})

describe('a guessed first packet', () => {
  /** Tells in the KEXINIT that a guess follows, also where it is hashed, and sends what `guess` says. */
  const guessing =
    (guess: Buffer[]): Tamper =>
    (payload, engine) => {
      if (payload[0] !== kexInit) return [payload]
      engine._kexinit?.writeUInt8(1, payload.length - 5)
      payload.writeUInt8(1, payload.length - 5)
      return [Buffer.from(payload), ...guess]
    }
  const garbage = Buffer.concat([Buffer.of(first), wireString('no key at all')])
  it('is passed over when the first methods differ, even if the one was elected that it is for', () => {
    const kex = ['curve25519-sha256', mlkem]
    const { client, server } = connect({ client: { kex } }, { client: guessing([garbage]) })
    expect([client.error, server.error, client.methods]).toEqual([undefined, undefined, ['curve25519-sha256']])
  })
  it('is passed over when the first types of host keys differ', () => {
    const serverHostKey = ['ecdsa-sha2-nistp256', 'ssh-ed25519']
    const { client, server } = connect({ client: { serverHostKey } }, { client: guessing([garbage]) })
    expect([client.error, server.error, client.methods]).toEqual([undefined, undefined, [mlkem]])
  })
  it('is taken when it is right', () => {
    const { client, server } = connect({}, { client: guessing([]) })
    expect([client.error, server.error, client.methods]).toEqual([undefined, undefined, [mlkem]])
  })
})

it('agrees on no keys when a KEXINIT was changed on the way, whatever was changed', () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 1200 }), fc.nat(255)), { minLength: 1, maxLength: 8 })
  const agreed = (role: 'client' | 'server', list: [number, number][]): boolean => {
    let isChanged = false
    const damaged: Tamper = (payload) => {
      if (payload[0] !== kexInit) return [payload]
      const copy = Buffer.from(payload)
      for (const [at, value] of list) if (at < copy.length) copy[at] = value
      isChanged = !copy.equals(payload)
      return [copy]
    }
    const { client, server } = connect({}, { [role]: damaged })
    // A server has done its part before the client has seen the signature.
    return client.handshakes === (isChanged ? 0 : 1) && server.handshakes <= 1
  }
  fc.assert(fc.property(fc.constantFrom('client' as const, 'server' as const), changes, agreed), { numRuns: 200 })
})

it('ends the connection at a KEXINIT that is cut', () => {
  const cut: Tamper = (payload) => [payload[0] === kexInit ? payload.subarray(0, -3) : payload]
  expect(connect({}, { client: cut }).server.error).toContain('malformed KEXINIT')
  expect(connect({}, { server: cut }).client.error).toContain('malformed KEXINIT')
})
