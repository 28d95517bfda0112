import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authenticator } from './authenticator.ts'
import { RawClient } from './raw-ssh-client.fixture.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'
import { wireString, wireUint32 } from './wire-reader.ts'

/** Lets anyone in whose password is `yes`. */
const authenticator: Authenticator = {
  none: async () => ({ state: 'refused' }),
  keyOffered: async () => false,
  key: async () => ({ state: 'refused' }),
  password: async (_user, password) => ({ state: password.revealText() === 'yes' ? 'accepted' : 'refused' }),
  keyboard: () => ({ next: async () => ({ state: 'refused' }), cancel: () => undefined }),
}

let door: TestDoor
/** Which is opened soon or not at all. */
let hasty: TestDoor
/** Which wants new keys and signs of life soon. */
let wary: TestDoor
beforeAll(async () => {
  door = await startTestDoor({ authenticator: () => authenticator })
  hasty = await startTestDoor({ authenticator: () => authenticator, limits: { openingMs: 1200, graceMs: 1800 } })
  wary = await startTestDoor({ authenticator: () => authenticator, limits: { keepaliveMs: 250, rekeyWithinMs: 500, rekeyAfterBytes: 20_000 } })
}, 60_000)
afterAll(async () => {
  await door?.close()
  await hasty?.close()
  await wary?.close()
})

/** What ended the connection that came last, as the door sees it. */
const lastOutcome = async (at = door) => (await at.knocks.at(-1)?.outcome) as unknown
const broken = expect.objectContaining({ code: 'client_protocol_error' })

/** Sends bytes to the door's port, returns what came back until it closed. */
const talk = (bytes: Buffer, port: number) =>
  new Promise<string>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
const plain = (payload: Buffer, wrong: { length?: number; padding?: number }) => {
  const padding = 8 - ((5 + payload.length) % 8) + 8
  return Buffer.concat([wireUint32(wrong.length ?? 1 + payload.length + padding), Buffer.of(wrong.padding ?? padding), payload, Buffer.alloc(padding)])
}
const ignore = (bytes = 8) => Buffer.concat([Buffer.of(2), wireString(Buffer.alloc(bytes))])

describe('before the keys are agreed, a client', () => {
  it('that is none is told so', async () => {
    const text = await talk(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), door.port)
    expect(text).toMatch(/^SSH-2\.0-Sallyport_test\r\n[^]*Invalid SSH identification string/)
    expect(await lastOutcome()).toEqual(broken)
  })

  it.each([
    ['an endless first line', Buffer.concat([Buffer.from('SSH-2.0-'), Buffer.alloc(4000, 120)])],
    ['an old protocol', Buffer.from('SSH-1.5-x\r\n')],
    ['control characters in its name', Buffer.from('SSH-2.0-a\u001b[2Jb\r\n')],
    ['noise', Buffer.alloc(600, 7)],
  ])('with %s is cut', async (_name, bytes) => {
    await talk(bytes, door.port)
    expect(await lastOutcome()).toEqual(broken)
  })

  it.each([0, 1, 4, 35_001, 262_145, 0xffff_ffff])('with a packet of length %d is cut at once, and nothing is held for it', async (length) => {
    const client = await RawClient.connect(door.port)
    await client.identify()
    const started = performance.now()
    client.bytes(plain(Buffer.of(20), { length }))
    await client.end()
    expect(performance.now() - started).toBeLessThan(1000)
    expect(await lastOutcome()).toEqual(broken)
  })

  it('with more padding than packet is cut', async () => {
    const client = await RawClient.connect(door.port)
    await client.identify()
    client.bytes(plain(ignore(), { padding: 255 }))
    await client.end()
    expect(await lastOutcome()).toEqual(broken)
  })

  it.each([5, 6, 7, 50, 52, 61, 80, 90, 94, 98])('with message %d is cut', async (type) => {
    const client = await RawClient.connect(door.port)
    await client.identify()
    client.send(Buffer.of(type), wireString('ssh-userauth'))
    expect(await client.end()).toMatchObject({ reason: 3 })
    expect(await lastOutcome()).toEqual(broken)
  })

  it('that talks for nothing is cut', async () => {
    const client = await RawClient.connect(door.port, { isStrict: false })
    await client.identify()
    for (let at = 0; at < 9; at++) client.send(ignore())
    expect(await client.end()).toMatchObject({ reason: 2 })
    expect(await lastOutcome()).toEqual(broken)
  })

  it('that announces strict key exchange has no message slipped in, before its KEXINIT or after it', async () => {
    for (const isBefore of [true, false]) {
      const client = await RawClient.connect(door.port)
      await client.identify()
      if (isBefore) client.send(ignore())
      await client.exchangeKeys(() => client.send(ignore())).catch(() => undefined)
      await client.end()
      expect(await lastOutcome()).toEqual(broken)
    }
  })

  it.each([
    ['no method in common', { kex: 'diffie-hellman-group1-sha1' }],
    ['group exchange, which would let it choose', { kex: 'diffie-hellman-group-exchange-sha256' }],
    ['a short key', { publicKey: Buffer.alloc(31, 9) }],
    ['a key of zeros', { publicKey: Buffer.alloc(32) }],
  ])('with %s is refused', async (_name, options) => {
    await expect(RawClient.open(door.port, options)).rejects.toThrow('the connection ended: 3')
    expect(await lastOutcome()).toEqual(broken)
  })

  it('that drips is cut when the time to open is over, however it goes about it', async () => {
    const started = performance.now()
    const silent = await RawClient.connect(hasty.port)
    const dripping = await RawClient.connect(hasty.port)
    const drip = setInterval(() => dripping.bytes(Buffer.from(dripping.sent++ === 0 ? 'SSH-2.0-' : 'x')), 50)
    const stalling = await RawClient.connect(hasty.port)
    await stalling.identify()
    stalling.sendKexInit()
    const idle = await RawClient.open(hasty.port)
    await Promise.all([silent, dripping, stalling, idle].map((client) => client.end()))
    clearInterval(drip)
    expect(performance.now() - started).toBeGreaterThan(1150)
    expect(idle.goodbye?.text).toBe('the connection was not opened in time')
  })
})

describe('before signing in, a client', () => {
  it.each([80, 81, 82, 90, 91, 93, 94, 96, 97, 98, 99, 100, 101, 127])('with message %d of channels is disconnected', async (type) => {
    const client = await RawClient.open(door.port)
    await client.service()
    client.send(Buffer.of(type), wireString('session'), Buffer.alloc(12))
    expect(await client.end()).toEqual({ reason: 2, text: `message ${type} is not allowed: it came before signing in` })
    expect(await lastOutcome()).toEqual(broken)
  })

  it.each([6, 51, 52, 53, 60])('with message %d, which only a server sends, is disconnected', async (type) => {
    const client = await RawClient.open(door.port)
    await client.service()
    client.send(Buffer.of(type), wireString('password'), Buffer.of(0))
    expect(await client.end()).toMatchObject({ reason: 2, text: expect.stringContaining('only a server sends it') })
    expect(await lastOutcome()).toEqual(broken)
  })

  it.each([8, 19, 54, 66, 79, 128, 150, 192, 255])('with message %d, which means nothing, is told so', async (type) => {
    const client = await RawClient.open(door.port)
    await client.service()
    const number = client.sent
    client.send(Buffer.of(type), wireString('x'))
    expect(await client.next(3)).toEqual(Buffer.concat([Buffer.of(3), wireUint32(number)]))
    client.socket.destroy()
  })

  it.each([21, 30, 31, 49])('with message %d of a key exchange that does not run is disconnected', async (type) => {
    const client = await RawClient.open(door.port)
    client.send(Buffer.of(type), wireString(Buffer.alloc(32, 9)))
    expect(await client.end()).toMatchObject({ reason: 2 })
  })

  it('is given one service, by its name', async () => {
    const twice = await RawClient.open(door.port)
    await twice.service()
    twice.send(Buffer.of(5), wireString('ssh-userauth'))
    expect(await twice.end()).toMatchObject({ reason: 2, text: expect.stringContaining('a service was asked for twice') })
    const other = await RawClient.open(door.port)
    other.send(Buffer.of(5), wireString('ssh-connection'))
    expect(await other.end()).toMatchObject({ reason: 7 })
    const none = await RawClient.open(door.port)
    none.password('alice', 'yes')
    expect(await none.end()).toMatchObject({ reason: 2 })
  })

  it('that sends without end is cut', async () => {
    const client = await RawClient.open(door.port)
    for (let at = 0; at < 6; at++) client.send(ignore(30_000))
    expect(await client.end()).toMatchObject({ reason: 2, text: 'too much was sent before signing in' })
    const chatty = await RawClient.open(door.port)
    for (let at = 0; at < 70; at++) chatty.send(ignore())
    expect(await chatty.end()).toMatchObject({ reason: 2 })
  })

  it('with extensions by the billion is cut', async () => {
    const client = await RawClient.open(door.port)
    client.send(Buffer.of(7), wireUint32(0xffff_ffff), wireString('server-sig-algs'), wireString('x'))
    expect(await client.end()).toMatchObject({ reason: 2 })
  })

  it.each([
    ['a forged tag', { isForged: true }],
    ['a length of 0', { length: 0 }],
    ['a length of 35001', { length: 35_001 }],
    ['a length of 4 GiB', { length: 0xffff_ffff }],
  ])('with %s under its keys is cut at once', async (_name, wrong) => {
    const client = await RawClient.open(door.port)
    const started = performance.now()
    client.bytes(client.pack(ignore(), wrong))
    await client.end()
    expect(performance.now() - started).toBeLessThan(1000)
    expect(await lastOutcome()).toEqual(broken)
  })

  it('may exchange keys again, and not over and over', async () => {
    const client = await RawClient.open(door.port)
    const { sessionId } = client
    const again = async () => {
      for (let at = 0; at < 4; at++) await client.exchangeKeys()
    }
    await expect(again()).rejects.toThrow('before signing in')
    expect(client.sessionId).toBe(sessionId)
  })

  it('that wants to know is told which signatures are taken, first of all', async () => {
    const client = await RawClient.open(door.port, { wantsExtInfo: true })
    const names =
      'ssh-ed25519,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256'
    expect(await client.next()).toEqual(Buffer.concat([Buffer.of(7), wireUint32(1), wireString('server-sig-algs'), wireString(names)]))
    // Once, whatever keys follow.
    client.send(Buffer.of(5), wireString('ssh-userauth'))
    expect(await client.next()).toMatchObject({ 0: 6 })
    await client.exchangeKeys()
    client.send(Buffer.of(150))
    expect(await client.next()).toMatchObject({ 0: 3 })
    client.socket.destroy()
  })

  it('that goes no further is cut when the time to sign in is over', async () => {
    const started = performance.now()
    const client = await RawClient.open(hasty.port)
    await client.service()
    expect(await client.end()).toEqual({ reason: 11, text: 'nobody signed in in time' })
    expect(performance.now() - started).toBeGreaterThan(1750)
    expect(await lastOutcome(hasty)).toMatchObject({ code: 'client_lost' })
  })
})

describe('after signing in, a client', () => {
  /** What ends the connection of a client that signed in. */
  const closing = (at: TestDoor) =>
    new Promise<unknown>((resolve) => {
      const { transport } = at.knocks.at(-1) ?? {}
      if (transport) transport.onClosed = resolve
    })

  it('has further requests to sign in ignored', async () => {
    const client = await RawClient.signedIn(door.port, 'alice', 'yes')
    client.password('mallory', 'no')
    client.send(Buffer.of(150))
    expect(await client.next()).toMatchObject({ 0: 3 })
    client.socket.destroy()
  })

  it.each([5, 6, 51, 52, 53, 60, 61])('with message %d is disconnected', async (type) => {
    const client = await RawClient.signedIn(door.port, 'alice', 'yes')
    const closed = closing(door)
    client.send(Buffer.of(type), wireString('ssh-userauth'), wireUint32(0))
    expect(await client.end()).toMatchObject({ reason: 2 })
    expect(await closed).toEqual(broken)
  })

  it('that floods leaves turns of the event loop to others', async () => {
    const client = await RawClient.signedIn(door.port, 'alice', 'yes')
    const { socket } = door.knocks.at(-1) ?? {}
    const piece = Buffer.concat(Array.from({ length: 256 }, () => client.pack(ignore(32_000))))
    let [most, before] = [0, socket?.bytesRead ?? 0]
    const until = before + piece.length
    client.bytes(piece)
    for (const started = performance.now(); before < until && performance.now() - started < 20_000;) {
      await new Promise((resolve) => setImmediate(resolve))
      const now = socket?.bytesRead ?? 0
      most = Math.max(most, now - before)
      before = now
    }
    expect(before).toBe(until)
    // One read that was under way when reading stopped may come on top.
    expect(most).toBeLessThanOrEqual(3 * 65_536)
    client.socket.destroy()
  }, 30_000)

  it('that exchanges keys over and over is cut', async () => {
    const client = await RawClient.signedIn(door.port, 'alice', 'yes')
    const again = async () => {
      for (let at = 0; at < 40; at++) await client.exchangeKeys()
    }
    await expect(again()).rejects.toThrow('keys are exchanged over and over')
  })

  it('that asks and does not read the answers is cut, and no more is held for it than a megabyte', async () => {
    const local = await startTestDoor({ authenticator: () => authenticator, isLocal: true })
    const client = await RawClient.signedIn(local.socketPath, 'alice', 'yes')
    const closed = closing(local)
    const { socket } = local.knocks.at(-1) ?? {}
    client.socket.pause()
    let most = 0
    const pour = setInterval(() => {
      most = Math.max(most, socket?.writableLength ?? 0)
      if (client.socket.writableLength < 1_000_000) for (let at = 0; at < 2000; at++) client.send(Buffer.of(150))
    }, 1)
    expect(await closed).toMatchObject({ code: 'client_protocol_error', message: expect.stringContaining('answers are not read') })
    clearInterval(pour)
    expect(most).toBeLessThan(1_200_000)
    client.socket.destroy()
    await local.close()
  }, 60_000)

  it('that owes its part of a key exchange is cut in time, and one that gives it goes on', async () => {
    const late = await RawClient.signedIn(wary.port, 'alice', 'yes')
    const closed = closing(wary)
    late.send(ignore(25_000))
    await late.next(20)
    expect(await late.end()).toEqual({ reason: 11, text: 'new keys were not agreed in time' })
    expect(await closed).toMatchObject({ code: 'client_lost' })
  })

  it('that stops answering is cut after three requests', async () => {
    const client = await RawClient.signedIn(wary.port, 'alice', 'yes')
    const closed = closing(wary)
    for (let at = 0; at < 3; at++) await client.next(80)
    expect(await closed).toMatchObject({ code: 'client_lost', message: 'The client stopped answering.' })
  })

  it('that answers stays', async () => {
    const client = await RawClient.signedIn(wary.port, 'alice', 'yes')
    for (let at = 0; at < 6; at++) {
      await client.next(80)
      client.send(Buffer.of(82))
    }
    client.send(Buffer.of(82))
    expect(await client.end()).toMatchObject({ text: 'an answer to a request that was not sent' })
  })

  it('that says goodbye has left, and one that does not is lost', async () => {
    const polite = await RawClient.signedIn(door.port, 'alice', 'yes')
    const left = closing(door)
    polite.send(Buffer.of(1), wireUint32(11), wireString('bye\u001b]0;x\u0007'), wireString(''))
    expect(await left).toMatchObject({ code: 'client_left', message: 'The client ended the connection: bye ]0;x.' })
    const rude = await RawClient.signedIn(door.port, 'alice', 'yes')
    const lost = closing(door)
    rude.socket.resetAndDestroy()
    expect(await lost).toMatchObject({ code: 'client_lost' })
  })
})
