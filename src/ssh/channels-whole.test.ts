// Both ends of a channel are ours: whatever is written, held up, ended and closed in whatever order, both get all of it, in order.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Channel } from './channel.ts'
import { Channels } from './channels.ts'
import type { ClientTransport } from './client-transport.ts'
import { signedIn } from './signed-in.fixture.ts'
import { startTestDoor, type TestDoor } from './test-door.fixture.ts'

let door: TestDoor
let transport: ClientTransport
let far: Channels
let near: Channels
beforeAll(async () => {
  door = await startTestDoor({
    // Keys change every few packets, too.
    limits: { rekeyAfterBytes: 500_000 },
    authenticator: () => ({
      none: () => Promise.resolve({ state: 'refused' }),
      keyOffered: () => Promise.resolve(false),
      key: () => Promise.resolve({ state: 'refused' }),
      password: () => Promise.resolve({ state: 'accepted' }),
      keyboard: () => ({ next: () => Promise.resolve({ state: 'refused' }), cancel: () => undefined }),
    }),
    signedIn: (server) => void (near = new Channels(server)),
  })
  transport = await signedIn({ host: '127.0.0.1', port: door.port, user: 'x', password: 'y' })
  far = new Channels(transport)
  await door.knocks[0]?.outcome
}, 60_000)
afterAll(async () => {
  transport?.close()
  await door?.close()
})

type Side = 'client' | 'server'
const side = fc.constantFrom<Side>('client', 'server')
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('write' as const), side, bytes: fc.oneof(fc.nat(10), fc.nat(5000), fc.nat(200_000)), isStderr: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('pause' as const, 'resume' as const, 'wait' as const), side }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('end' as const, 'request' as const), side }) },
)

class End {
  readonly channel: Channel
  readonly sent: [Buffer[], Buffer[]] = [[], []]
  readonly got: [Buffer[], Buffer[]] = [[], []]
  readonly order: string[] = []
  readonly closed: Promise<void>
  hasEnded = false
  #count = 0
  constructor(channel: Channel) {
    this.channel = channel
    this.closed = new Promise((resolve) =>
      channel.listen({
        data: (bytes, isStderr) => {
          this.got[isStderr ? 1 : 0].push(Buffer.from(bytes))
          this.order.push('data')
        },
        eof: () => void this.order.push('eof'),
        request: (type, _value, reply) => {
          if (type === 'exit-status') this.order.push(type)
          reply?.(true)
        },
        closed: () => {
          this.order.push('closed')
          resolve()
        },
      }),
    )
  }
  write(length: number, isStderr: boolean): void {
    if (this.hasEnded) return
    const bytes = Buffer.alloc(length, `${(this.#count += 1)} `)
    this.sent[isStderr ? 1 : 0].push(Buffer.from(bytes))
    this.channel.write(bytes, isStderr)
    // What waits is a copy.
    bytes.fill(0)
  }
}

it('nothing is lost, mixed up or told twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const accepted = new Promise<End>((resolve) => (near.onOpen = (request) => resolve(new End(request.accept()))))
      const client = new End(await far.open({ type: 'session' }, new AbortController().signal))
      const server = await accepted
      const ends = { client, server }
      const replies: Promise<boolean>[] = []
      for (const each of steps) {
        const end = ends[each.side]
        // Only a host has stderr.
        if (each.act === 'write') end.write(each.bytes, each.isStderr && each.side === 'server')
        else if (each.act === 'pause') end.channel.pause()
        else if (each.act === 'resume') end.channel.resume()
        else if (each.act === 'wait') await new Promise((resolve) => setTimeout(resolve, 1))
        else if (each.act === 'request') replies.push(end.channel.request('anything'))
        else {
          end.hasEnded = true
          end.channel.end()
        }
      }
      client.channel.end()
      void server.channel.request('exit-status', Buffer.from([0, 0, 0, 3]), false)
      server.channel.resume()
      client.channel.resume()
      // As a host does it: when everything has come and everything is said. A request that is still on its way then would stay without an answer, as it may.
      while (!server.order.includes('eof')) await new Promise((resolve) => setImmediate(resolve))
      expect((await Promise.all(replies)).every(Boolean)).toBe(true)
      server.channel.close()
      await Promise.all([client.closed, server.closed])
      for (const [from, to] of [[client, server] as const, [server, client] as const])
        for (const stream of [0, 1] as const) expect(Buffer.concat(to.got[stream]).equals(Buffer.concat(from.sent[stream]))).toBe(true)
      const told = (end: End) => end.order.filter((each, at) => each !== end.order[at - 1])
      expect(told(server).filter((each) => each !== 'data')).toEqual(['eof', 'closed'])
      expect(told(client).at(-1)).toBe('closed')
      expect(client.order.slice(client.order.lastIndexOf('data') + 1).toSorted()).toEqual(['closed', 'eof', 'exit-status'])
      expect(server.order.lastIndexOf('data')).toBeLessThan(server.order.indexOf('eof'))
    }),
    { numRuns: 150, endOnFailure: true },
  )
  expect([far.size, near.size]).toEqual([0, 0])
}, 60_000)
