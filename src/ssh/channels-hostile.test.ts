// Clients that break the rules of channels, packet by packet, and the rules that our own answers keep.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel } from './channel.ts'
import { readCommand, readExitStatus } from './channel-wire.ts'
import { Channels, type OpenRequest } from './channels.ts'
import { Message } from './connection-messages.ts'
import { RawClient } from './raw-ssh-client.fixture.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'
import { wireString, wireUint32 } from './wire-reader.ts'

let door: TestDoor
let channels: Channels
let opens: OpenRequest[] = []
beforeAll(async () => {
  door = await startTestDoor({
    authenticator: () => ({
      none: () => Promise.resolve({ state: 'refused' }),
      keyOffered: () => Promise.resolve(false),
      key: () => Promise.resolve({ state: 'refused' }),
      password: () => Promise.resolve({ state: 'accepted' }),
      keyboard: () => ({ next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }),
    }),
    signedIn: (transport) => {
      channels = new Channels(transport)
      opens = []
      channels.onOpen = (request) => void opens.push(request)
    },
  })
}, 60_000)
afterAll(async () => await door?.close())

const mib = 1024 * 1024
const uint = wireUint32
const text = (value: string | Buffer) => wireString(value)
const signIn = async () => {
  const client = await RawClient.signedIn(door.port, 'x', 'y')
  // By then the channels are there.
  await door.knocks.at(-1)?.outcome
  return client
}
const opening = (id: number, type = 'session', window = mib, packet = 32_768, ...value: Buffer[]) =>
  Buffer.concat([Buffer.of(Message.channelOpen), text(type), uint(id), uint(window), uint(packet), ...value])
const data = (id: number, bytes: Buffer) => Buffer.concat([Buffer.of(Message.data), uint(id), text(bytes)])
const request = (id: number, type: string, wantsReply: boolean, ...value: Buffer[]) =>
  Buffer.concat([Buffer.of(Message.request), uint(id), text(type), Buffer.of(wantsReply ? 1 : 0), ...value])
const until = async (isSo: () => boolean) => {
  for (const end = performance.now() + 10_000; !isSo() && performance.now() < end;) await new Promise((resolve) => setTimeout(resolve, 2))
}
/** A session that is open; its number with us is 0. */
async function session(window = mib): Promise<{ client: RawClient; channel: Channel; heard: string[] }> {
  const client = await signIn()
  client.send(opening(70, 'session', window))
  await until(() => opens.length === 1)
  const channel = opens[0]?.accept()
  if (!channel) throw new Error('nothing was opened')
  const heard: string[] = []
  channel.listen({
    data: (bytes) => void heard.push(bytes.toString()),
    eof: () => void heard.push('eof'),
    request: (type, value, reply) => {
      if (type === 'exec') heard.push(`exec ${readCommand(value).toString('hex')}`)
      if (type === 'exit-status') readExitStatus(value)
      reply?.(type === 'exec')
    },
    closed: () => void heard.push('closed'),
  })
  expect((await client.next(Message.channelOpenConfirmation)).readUInt32BE(1)).toBe(70)
  return { client, channel, heard }
}

describe('a client is cut that sends', () => {
  const eof = Buffer.concat([Buffer.of(Message.eof), uint(0)])
  const close = Buffer.concat([Buffer.of(Message.close), uint(0)])
  const adjust = Buffer.concat([Buffer.of(Message.windowAdjust), uint(0), uint(0xffff_ffff)])
  const cases: Record<string, Buffer[]> = {
    'more than the window': Array.from({ length: 65 }, () => data(0, Buffer.alloc(32_768))),
    'a packet larger than agreed': [data(0, Buffer.alloc(32_769))],
    'data after the end of data': [eof, data(0, Buffer.from('late'))],
    'data after closing': [close, data(0, Buffer.from('late'))],
    'data for no channel': [data(7, Buffer.from('stray'))],
    'data of another length than it says': [Buffer.concat([Buffer.of(Message.data), uint(0), uint(9), Buffer.from('short')])],
    'half a message': [Buffer.of(Message.data, 0, 0)],
    'stderr, which only a host has': [Buffer.concat([Buffer.of(Message.extendedData), uint(0), uint(1), text('x')])],
    'extended data of an unknown kind': [Buffer.concat([Buffer.of(Message.extendedData), uint(0), uint(7), text('x')])],
    'a window beyond 2^32-1': [adjust, adjust],
    'an answer to nothing': [Buffer.concat([Buffer.of(Message.success), uint(0)])],
    'a confirmation of nothing': [Buffer.concat([Buffer.of(Message.channelOpenConfirmation), uint(0), uint(0), uint(1), uint(32_768)])],
    'a refusal of nothing': [Buffer.concat([Buffer.of(Message.channelOpenFailure), uint(0), uint(1), text(''), text('')])],
    'a malformed request': [request(0, 'exec', true, uint(999))],
    'a malformed open': [Buffer.concat([Buffer.of(Message.channelOpen), uint(999)])],
    'a port that is none': [opening(71, 'direct-tcpip', mib, 32_768, text('h'), uint(65_536), text('o'), uint(1))],
    'requests without end': Array.from({ length: 5100 }, () => request(0, 'env', false)),
    'opens without end': Array.from({ length: 5100 }, (_, at) => opening(100 + at)),
  }
  it.each(Object.keys(cases))('%s', async (name) => {
    const { client } = await session()
    client.bytes(Buffer.concat((cases[name] ?? []).map((message) => client.pack(message))))
    expect(await client.end()).toMatchObject({ reason: 2 })
    expect(await door.knocks.at(-1)?.outcome).toBe('x')
  })

  it('or offers packets that carry nothing', async () => {
    const client = await signIn()
    client.send(opening(1, 'session', mib, 0))
    await until(() => opens.length === 1)
    opens[0]?.accept()
    expect(await client.end()).toMatchObject({ reason: 2 })
  })
})

describe('a client may', () => {
  it('fill its window while nobody takes it, and gets room only for what was taken', async () => {
    const { client, channel, heard } = await session()
    for (let at = 0; at < 64; at += 1) client.send(data(0, Buffer.alloc(32_768)))
    await until(() => channel.heldBytes === 2 * mib)
    client.send(request(0, 'shell', true))
    // No room was given before: the answer is the first thing that comes.
    expect((await client.next())[0]).toBe(Message.failure)
    channel.resume()
    for (let room = 0; room < 1.5 * mib;) {
      const more = (await client.next(Message.windowAdjust)).readUInt32BE(5)
      // A quarter at least, and what one turn hands over at most beside it.
      expect(more).toBeGreaterThanOrEqual(mib / 2)
      expect(more).toBeLessThanOrEqual(mib / 2 + 128 * 1024)
      room += more
    }
    await until(() => channel.heldBytes === 0)
    expect(heard.length).toBeGreaterThan(0)
    client.socket.destroy()
  })

  it('be answered late, in the order of its requests, with what it asked in bytes', async () => {
    const { client, channel, heard } = await session()
    const replies: ((isYes: boolean) => void)[] = []
    channel.listen({ data: () => undefined, request: (_type, _value, reply) => void (reply && replies.push(reply)), closed: () => undefined })
    for (const type of ['one', 'two', 'three']) client.send(request(0, type, true))
    await until(() => replies.length === 3)
    replies[2]?.(false)
    replies[1]?.(false)
    replies[0]?.(true)
    replies[0]?.(false)
    expect([(await client.next())[0], (await client.next())[0], (await client.next())[0]]).toEqual([Message.success, Message.failure, Message.failure])
    channel.listen({ data: () => undefined, request: (_type, value) => void heard.push(readCommand(value).toString('hex')), closed: () => undefined })
    client.send(request(0, 'exec', false, text(Buffer.of(0xff, 0, 0xfe))))
    await until(() => heard.length === 1)
    expect(heard).toEqual(['ff00fe'])
    client.socket.destroy()
  })

  it('have sixteen opens unanswered; kinds that nobody offers are refused, and it goes on', async () => {
    const client = await signIn()
    for (let at = 0; at < 17; at += 1) client.send(opening(at))
    const refused = await client.next(Message.channelOpenFailure)
    expect([refused.readUInt32BE(1), refused.readUInt32BE(5)]).toEqual([16, 4])
    expect(opens.length).toBe(16)
    opens[3]?.refuse(1, 'not you')
    expect((await client.next(Message.channelOpenFailure)).readUInt32BE(1)).toBe(3)
    channels.onOpen = undefined
    client.send(opening(90, 'tun@openssh.com', mib, 32_768, uint(1)))
    expect((await client.next(Message.channelOpenFailure)).readUInt32BE(5)).toBe(1)
    opens[0]?.accept()
    expect((await client.next(Message.channelOpenConfirmation)).readUInt32BE(1)).toBe(0)
    client.socket.destroy()
  })

  it('stop reading: what waits for it stays as it is while others are served', async () => {
    const slow = await session(64 * mib)
    const socket = door.knocks.at(-1)?.transport
    const other = await session()
    slow.client.socket.pause()
    const piece = (letter: string) => Buffer.alloc(32_768, letter)
    let count = 0
    for (; socket?.unsentBytes === 0 && count < 1900; count += 1) slow.channel.write(piece('s'))
    expect(socket?.unsentBytes).toBeGreaterThan(0)
    other.channel.write(piece('o'))
    expect((await other.client.next(Message.data)).subarray(9).equals(piece('o'))).toBe(true)
    slow.client.socket.resume()
    for (; count > 0; count -= 1) expect((await slow.client.next(Message.data)).subarray(9).equals(piece('s'))).toBe(true)
    slow.client.socket.destroy()
    other.client.socket.destroy()
  })

  it('use a number again only when both sides have closed it', async () => {
    const { client, channel, heard } = await session()
    channel.close()
    await client.next(Message.close)
    client.send(opening(71))
    await until(() => opens.length === 2)
    expect(opens[1]?.accept().id).toBe(1)
    // What was on its way when we closed is no breach, and is dropped; no room is given for it.
    client.send(data(0, Buffer.from('under way')))
    client.send(Buffer.concat([Buffer.of(Message.close), uint(0)]))
    await until(() => channels.size === 1)
    expect(heard).toEqual(['closed'])
    client.send(opening(72))
    await until(() => opens.length === 3)
    expect(opens[2]?.accept().id).toBe(0)
    client.socket.destroy()
  })
})
