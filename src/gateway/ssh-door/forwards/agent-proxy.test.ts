import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireFault, wireString, wireUint32 } from '#ssh/wire-reader.ts'
import { AgentProxy, maxAgentFrameBytes } from './agent-proxy.ts'

const frame = (type: number, ...parts: Buffer[]) => wireString(Buffer.concat([Buffer.of(type), ...parts]))
const list = frame(11)
const sign = (key = 'key') => frame(13, wireString(key), wireString('data'), wireUint32(0))
const identities = frame(12, wireUint32(0))
const signature = frame(14, wireString('signature'))
const failure = frame(5)

function stand() {
  const seen = { agent: [] as Buffer[], host: [] as Buffer[], used: [] as string[] }
  let nowMs = 0
  const proxy = new AgentProxy(
    {
      toAgent: (bytes) => void seen.agent.push(Buffer.from(bytes)),
      toHost: (bytes) => void seen.host.push(Buffer.from(bytes)),
      used: ({ request, outcome, fingerprint }) => void seen.used.push([request, outcome, ...(fingerprint ? ['by key'] : [])].join(' ')),
    },
    () => nowMs,
  )
  return { proxy, seen, pass: (ms: number) => (nowMs += ms) }
}

describe('an agent that is lent (FWD-09)', () => {
  it('lists and signs', () => {
    const { proxy, seen } = stand()
    proxy.host(list)
    proxy.agent(identities)
    proxy.host(sign())
    proxy.agent(signature)
    expect(seen).toEqual({ agent: [list, sign()], host: [identities, signature], used: ['list done', 'sign done by key'] })
  })
  // Add, remove, remove all, smart cards, lock, unlock, constrained, extension (session-bind), SSH-1.
  it.each([17, 18, 19, 20, 21, 22, 23, 25, 26, 27, 1, 3, 0, 255])('is not given request %i', (type) => {
    const { proxy, seen } = stand()
    proxy.host(frame(type, wireString('x')))
    expect(seen).toEqual({ agent: [], host: [failure], used: ['other refused'] })
  })
  it('answers in the order of the requests, those that it refuses itself too', () => {
    const { proxy, seen } = stand()
    proxy.host(Buffer.concat([list, frame(17), sign(), frame(22), list]))
    expect(seen.host).toEqual([])
    proxy.agent(Buffer.concat([identities, signature]))
    proxy.agent(identities)
    expect(seen.host).toEqual([identities, failure, signature, failure, identities])
  })
  it('makes a failure of an answer that does not belong to the question', () => {
    const { proxy, seen } = stand()
    proxy.host(list)
    proxy.agent(signature)
    expect([seen.host, seen.used]).toEqual([[failure], ['list failed']])
  })
  it('signs sixty times a minute and no more', () => {
    const { proxy, seen, pass } = stand()
    const ask = () => {
      const before = seen.agent.length
      proxy.host(sign())
      if (seen.agent.length > before) proxy.agent(signature)
    }
    for (let at = 0; at < 61; at += 1) ask()
    expect(seen.used.at(-1)).toBe('sign refused by key')
    pass(60_001)
    ask()
    expect(seen.used.at(-1)).toBe('sign done by key')
  })
  it.each([
    ['an answer that nobody waits for', (proxy: AgentProxy) => proxy.agent(identities)],
    ['a frame that is too long', (proxy: AgentProxy) => proxy.host(wireUint32(maxAgentFrameBytes + 1))],
    ['a frame of 300 KiB', (proxy: AgentProxy) => proxy.host(wireString(Buffer.alloc(300 * 1024)))],
    ['an empty frame', (proxy: AgentProxy) => proxy.host(wireUint32(0))],
    ['a signature request that is cut short', (proxy: AgentProxy) => proxy.host(frame(13, wireUint32(99)))],
    ['a signature request with more behind it', (proxy: AgentProxy) => proxy.host(frame(13, wireString('k'), wireString('d'), wireUint32(0), Buffer.of(1)))],
    ['requests without end', (proxy: AgentProxy) => proxy.host(Buffer.concat(Array.from({ length: 17 }, () => list)))],
  ])('ends at %s', (_what, act) => expect(() => act(stand().proxy)).toThrow(WireFault))

  it('is the same however its bytes are cut, and takes any bytes without anything but a fault', () => {
    const bytes = Buffer.concat([list, frame(17), sign('other'), list])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const { proxy, seen } = stand()
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        for (const [at, from] of places.slice(0, -1).entries()) proxy.host(bytes.subarray(from, places[at + 1]))
        expect(Buffer.concat(seen.agent)).toEqual(Buffer.concat([list, sign('other'), list]))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, isHost) => {
        try {
          stand().proxy[isHost ? 'host' : 'agent'](noise)
        } catch (cause) {
          expect(cause).toBeInstanceOf(WireFault)
        }
      }),
    )
  })
})
