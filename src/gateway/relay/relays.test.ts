import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SessionId } from '#domain/id.ts'
import { Relays, type RelaysOptions } from './relays.ts'
import { accepted, nobodys, TestRelay, there, until } from './test-relay.ts'

let relay: TestRelay
const begin = async (options: Partial<RelaysOptions> = {}) => {
  await relay?.stop()
  relay = new TestRelay(options)
  await relay.start()
}
beforeEach(() => begin())
afterEach(() => relay.stop())

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))

test('bytes cross both ways as they are, and each side ends by itself', async () => {
  relay.onArrived = ({ socket }) => void socket.write(accepted)
  const wire = relay.knock(there, [], 'behind the head ')
  const { socket } = await until('the gateway there', () => relay.arrived[0])
  await until('101', () => wire.text === accepted)
  const heard: Buffer[] = [relay.arrived[0]?.head ?? Buffer.alloc(0)]
  let ended = false
  socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('end', () => (ended = true))
  wire.socket.end(everyByte)
  await until('the end of one side', () => ended)
  expect(Buffer.concat(heard)).toEqual(Buffer.concat([Buffer.from('behind the head '), everyByte]))
  // The other side goes on until it has said its own last word.
  socket.write(everyByte)
  socket.end('last')
  await until('the last word', () => wire.closed)
  expect(wire.heard.subarray(accepted.length)).toEqual(Buffer.concat([everyByte, Buffer.from('last')]))
  await until('the place to be free', () => relay.relays.size === 0)
  expect(relay.answered).toBe(1)
})

test('who came is said by the gateway, whatever the stranger says (header smuggling)', async () => {
  relay.knock(there, [
    'X-Sallyport-Source: 203.0.113.9',
    'x-sallyport-secure: 0',
    'X-SALLYPORT-GATEWAY: token',
    'x-sallyport-anything-later: 1',
    'X-Forwarded-For: 203.0.113.9',
    'Cookie: a=b',
    'cookie: c=d\xe9',
    'Connection: x-sallyport-source',
  ])
  const { request, source, session } = await until('the gateway there', () => relay.arrived[0])
  expect(source).toEqual({ address: '192.0.2.7', secure: true })
  expect(session).toBe(there)
  expect(request.url).toBe(`/terminal/${there}`)
  expect(request.rawHeaders).toEqual([
    ...['x-sallyport-source', '192.0.2.7', 'x-sallyport-secure', '1'],
    ...['Host', 'localhost', 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    ...['X-Forwarded-For', '203.0.113.9', 'Cookie', 'a=b', 'cookie', 'c=d\xe9', 'Connection', 'x-sallyport-source'],
  ])
})

test.each([
  ['a body', ['Content-Length: 5'], 'GET', 'hello'],
  ['a body of no length', ['Transfer-Encoding: chunked'], 'GET', '0\r\n\r\n'],
  ['another method', [], 'POST', ''],
])('an upgrade with %s is not passed on', async (_name, more, method, after) => {
  const wire = relay.knock(there, more, after, method)
  expect(await until('a refusal', () => wire.refusal)).toBe('400 bad_request')
  expect(relay.arrived).toEqual([])
  expect([relay.relays.size, relay.answered]).toEqual([0, 1])
})

test('a client that does not read stops the sender, and nothing piles up here', async () => {
  const wire = relay.knock()
  const { socket } = await until('the gateway there', () => relay.arrived[0])
  await until('101', () => wire.text === accepted)
  wire.socket.pause()
  const most = 128 * 1024 * 1024
  const chunk = Buffer.alloc(65_536, 0x61)
  let sent = 0
  const send = () => {
    while (sent < most) {
      sent += chunk.length
      if (!socket.write(chunk)) return
    }
    socket.end()
  }
  socket.on('drain', send)
  send()
  let still = { sent: -1, since: 0 }
  await until('the sender to stand still', () => {
    if (sent !== still.sent) still = { sent, since: performance.now() }
    return sent >= most || performance.now() - still.since > 500
  })
  // What the kernel holds for two sockets, and two pipes.
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  let received = 0
  wire.socket.removeAllListeners('data').on('data', (bytes: Buffer) => (received += bytes.length))
  wire.socket.resume()
  await until('everything', () => received === most)
})

test('what breaks on one side breaks the other', async () => {
  const [first, second] = [relay.knock(), relay.knock()]
  await until('both', () => relay.relays.size === 2 && relay.arrived.length === 2 && first.text === accepted && second.text === accepted)
  let ended = 0
  for (const { socket } of relay.arrived) socket.on('end', () => (ended += 1))
  first.socket.resetAndDestroy()
  await until('the gateway there to hear of it', () => ended === 1)
  for (const { socket } of relay.arrived) socket.destroy()
  await until('the client to hear of it', () => second.ended)
  second.socket.end()
  await until('the places to be free', () => relay.relays.size === 0)
})

test('one side that never ends is not kept for the other that has', async () => {
  await begin({ lingerMs: 200 })
  relay.onArrived = ({ socket }) => void socket.resume().write(accepted)
  const wire = relay.knock()
  await until('101', () => wire.text === accepted)
  wire.socket.end()
  await until('both to be closed', () => wire.closed && relay.relays.size === 0)
})

test('a client that takes nothing is cut in time, one that has nothing to say is not', async () => {
  await begin({ stalledMs: 300 })
  relay.onArrived = ({ socket }) => void socket.resume().write(accepted)
  const silent = relay.knock()
  await until('101', () => silent.text === accepted)
  const stalled = relay.knock()
  await until('101', () => stalled.text === accepted)
  stalled.socket.pause()
  let cut = 0
  for (const { socket } of relay.arrived) socket.on('close', () => (cut += 1)).on('end', () => socket.end())
  const stuffed = relay.arrived[1]?.socket
  const chunk = Buffer.alloc(65_536)
  const send = () => {
    while (stuffed?.writable && stuffed.write(chunk));
  }
  stuffed?.on('drain', send)
  send()
  await until('the cut', () => relay.relays.size === 1 && cut === 1)
  const [first] = relay.arrived
  first?.socket.write('still here')
  await until('a word after all that silence', () => silent.text.endsWith('still here'))
})

test('nobody there, or nobody any more: refused at once', async () => {
  const gone = relay.knock(nobodys)
  expect(await until('a refusal', () => gone.refusal)).toBe('503 gateway_unavailable')
  expect(gone.text).toContain('retry-after: 2')
  // A process that was killed leaves its socket behind.
  const stale = createServer()
  await new Promise<void>((resolve) => stale.listen(join(relay.folder, 'nobodyss.sock'), resolve))
  stale.close()
  const left = relay.knock(nobodys)
  expect(await until('a refusal', () => left.refusal)).toBe('503 gateway_unavailable')
  expect([relay.relays.size, relay.answered]).toEqual([0, 2])
})

test('a gateway that dies before its answer: refused', async () => {
  relay.onArrived = ({ socket }) => socket.destroy()
  const began = performance.now()
  const wire = relay.knock()
  expect(await until('a refusal', () => wire.refusal)).toBe('503 gateway_unavailable')
  // Not when its time is over.
  expect(performance.now() - began).toBeLessThan(4000)
  expect(relay.answered).toBe(1)
})

test('a gateway that hangs: refused in time, and it hears no more of it', async () => {
  await begin({ answerWithinMs: 300 })
  let ended = false
  relay.onArrived = ({ socket }) => socket.on('end', () => (ended = true)).resume()
  const began = performance.now()
  const wire = relay.knock()
  expect(await until('a refusal', () => wire.refusal)).toBe('503 gateway_unavailable')
  expect(performance.now() - began).toBeGreaterThan(290)
  await until('the connection there to be closed', () => ended)
  expect([relay.relays.size, relay.answered]).toEqual([0, 1])
})

test('only so many at once; a place that is left is free', async () => {
  await begin({ most: 2 })
  const carried = [relay.knock(), relay.knock()]
  await until('both', () => carried.every((wire) => wire.text === accepted))
  const third = relay.knock()
  expect(await until('a refusal', () => third.refusal)).toBe('503 gateway_unavailable')
  carried[0]?.socket.destroy()
  await until('a place', () => relay.relays.size === 1)
  const fourth = relay.knock()
  await until('101', () => fourth.text === accepted)
})

test('drain lets them end by themselves, then cuts', async () => {
  relay.onArrived = ({ socket }) => {
    socket.write(accepted)
    socket.on('end', () => socket.end('bye')).resume()
  }
  const [leaves, stays] = [relay.knock(), relay.knock()]
  await until('both', () => leaves.text === accepted && stays.text === accepted)
  const drained = relay.relays.drain(400)
  leaves.socket.end()
  await until('the word of the other side', () => leaves.text === `${accepted}bye`)
  expect(stays.closed).toBe(false)
  await drained
  await until('the cut', () => stays.ended || stays.closed)
  expect(stays.text).toBe(accepted)
})

test('whose session it is', () => {
  expect(relay.relays.isElsewhere(there)).toBe(true)
  expect(relay.relays.isElsewhere(SessionId.parse(`se_heregwyy${'b'.repeat(24)}`))).toBe(false)
  // Too short to name a gateway.
  expect(relay.relays.isElsewhere(SessionId.parse(`se_${'b'.repeat(24)}`))).toBe(false)
})

test('a folder in which no socket can be made is said at once', () => {
  const options = { folder: `/${'x'.repeat(100)}`, ownMark: () => undefined, log: undefined as never }
  expect(() => new Relays(options)).toThrow('has too long a path for sockets')
})
