import { CheckId } from '#domain/id.ts'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBlock, maxLinkBlockBytes, maxLinkTextBytes, type Probe } from '#wire/link.ts'
import { useEngine } from '../store/test-engines.ts'
import { idleLoad } from './test-gateway.ts'
import { localSecret, openTestLinks, redeem, type TestLinks } from './test-links.ts'

const scan: Probe = { probe: 'scan', lease: CheckId.parse('ck_aaaaaaaaaaaaaaaaaaaaaaaa'), address: '192.0.2.7', port: 22, mayDialLoopback: false }
const noSession = 'se_aaaaaaaaaaaaaaaaaaaaaaaa'

describe('the link', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  describe('who is there', () => {
    it('welcomes a gateway of this machine, knows it again by its key, and writes it once', async () => {
      const first = await rooms.join()
      expect(first.welcome).toMatchObject({ mustEnd: [], settings: {} })
      const again = await rooms.join({}, first.keys)
      expect(again.id).toBe(first.id)
      expect(await rooms.ledger('gateway.joined')).toMatchObject([{ object: first.id, outcome: 'done' }])
      const restarted = await rooms.join({ startedAt: 2000 }, first.keys)
      expect(restarted.id).toBe(first.id)
      expect(await rooms.ledger('gateway.joined')).toHaveLength(2)
    })

    it('lets the newest link of a gateway win', async () => {
      const first = await rooms.join()
      const second = await rooms.join({}, first.keys)
      expect(await first.closed).toMatchObject({ code: 4001 })
      expect(rooms.links.isGatewayToken(first.welcome.apiToken)).toBe(false)
      expect(rooms.links.isGatewayToken(second.welcome.apiToken)).toBe(true)
      expect(await second.beat()).toMatchObject({ mustEnd: [] })
    })

    it('keeps a gateway waiting that no supervisor vouches for, and stores nothing of it', async () => {
      for (const secret of [undefined, 'cd'.repeat(32)]) {
        const gateway = rooms.dial()
        await gateway.hello(secret)
        expect(await gateway.next('refused')).toMatchObject({ state: 'waiting' })
        expect(await gateway.closed).toMatchObject({ code: 4401 })
      }
      expect(await rooms.store.db.selectFrom('gateways').selectAll().execute()).toEqual([])
      expect(await rooms.ledger('gateway.refused')).toHaveLength(2)
    })

    it.each(['rejected', 'revoked'])('refuses a gateway that was %s, whoever vouches for it', async (state) => {
      const first = await rooms.join()
      await rooms.store.transaction((trx) => trx.updateTable('gateways').set({ state }).execute())
      const again = rooms.dial(first.keys)
      await again.hello(localSecret)
      expect(await again.next('refused')).toMatchObject({ state })
    })

    it('refuses a signature by another key, over another challenge, and keys that are no Ed25519', async () => {
      const other = generateKeyPairSync('ed25519')
      const otherKey = other.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
      const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64').slice(0, 200)
      for (const change of [{ publicKey: otherKey }, { signature: Buffer.alloc(64).toString('base64') }, { publicKey: rsa }, { publicKey: '' }]) {
        const gateway = rooms.dial()
        await gateway.hello(localSecret, change)
        expect(await gateway.closed, JSON.stringify(change)).toMatchObject({ code: 4401 })
      }
      expect(await rooms.store.db.selectFrom('gateways').selectAll().execute()).toEqual([])
    })

    it('gives a token that dies with the link', async () => {
      const gateway = await rooms.join()
      expect(rooms.links.isGatewayToken(gateway.welcome.apiToken)).toBe(true)
      expect(rooms.links.isGatewayToken('')).toBe(false)
      gateway.close()
      await expect.poll(() => rooms.links.isGatewayToken(gateway.welcome.apiToken)).toBe(false)
    })

    it('is closed when no hello comes within 5 s', async () => {
      const gateway = rooms.dial()
      await gateway.next('challenge')
      const began = performance.now()
      await gateway.closed
      expect(performance.now() - began).toBeGreaterThan(4_000)
      expect(await rooms.ledger('gateway.refused')).toMatchObject([{ detail: { why: 'no hello within 5 s' } }])
    })

    it('does not upgrade without the subprotocol, or at another path', async () => {
      expect((await rooms.dial(undefined, ['sallyport.terminal.v1']).closed).code).toBe(1006)
      expect((await rooms.dial(undefined, []).closed).code).toBe(1006)
    })
  })

  describe('what does not fit', () => {
    const block = encodeBlock(
      1,
      { session: noSession as never, index: 0, previous: '0'.repeat(64), sha256: '1'.repeat(64), fromMs: 0, toMs: 0, fromOffset: 0, toOffset: 0, castBytes: 1 },
      new Uint8Array(10),
    )
    it.each([
      ['an ask', { type: 'ask', id: 1, body: redeem('x'.repeat(43)) }],
      ['a beat', { type: 'beat', sessions: [], load: idleLoad }],
      ['a block', block],
      ['garbage', 'not JSON'],
    ])('closes the link at %s before hello', async (_name, message) => {
      const gateway = rooms.dial()
      await gateway.next('challenge')
      gateway.send(message)
      expect(await gateway.closed).toMatchObject({ code: 4400 })
      expect(await rooms.ledger('gateway.refused')).toHaveLength(1)
    })

    it.each([
      ['garbage', 'not JSON'],
      ['an unknown type', { type: 'shutdown' }],
      ['an unknown field', { type: 'beat', sessions: [], load: idleLoad, extra: 1 }],
      ['an unknown field inside', { type: 'ask', id: 1, body: { ask: 'release', lease: noSession, sudo: true } }],
      ['an unknown ask', { type: 'ask', id: 1, body: { ask: 'dump-vault' } }],
      ['an id that is none', { type: 'ask', id: 1, body: { ask: 'release', lease: '../../etc/passwd' } }],
      [
        'a report with a reason that is none',
        { type: 'report', id: 1, body: { report: 'ended', session: noSession, end: { reason: 'bored', message: '', at: 1 }, bytesIn: 0, bytesOut: 0 } },
      ],
      ['a second hello', { type: 'hello', publicKey: '', signature: '', name: 'g', version: '1', startedAt: 1, sessions: [] }],
      ['a text message that is too large', JSON.stringify({ type: 'beat', pad: 'x'.repeat(maxLinkTextBytes) })],
      ['a binary message that is no block', Buffer.alloc(100)],
      ['a block header beyond its bound', Buffer.from([0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])],
    ])('closes the link at %s, with a row in the ledger', async (_name, message) => {
      const gateway = await rooms.join()
      gateway.send(message)
      expect(await gateway.closed).toMatchObject({ code: 4400 })
      expect(await rooms.ledger('gateway.refused')).toMatchObject([{ object: gateway.id, outcome: 'refused' }])
    })

    it('closes the link at a binary message beyond 2 MiB without reading it', async () => {
      const gateway = await rooms.join()
      gateway.send(Buffer.alloc(maxLinkBlockBytes + 1))
      expect((await gateway.closed).code).toBeGreaterThan(1000)
      expect(await rooms.ledger('gateway.refused')).toHaveLength(1)
    })

    it('writes no more than 30 refusals a minute, and says how many it left out', async () => {
      for (let batch = 0; batch < 4; batch += 1) {
        const gateways = Array.from({ length: 10 }, () => rooms.dial())
        await Promise.all(
          gateways.map(async (gateway) => {
            await gateway.next('challenge')
            gateway.send('x')
            await gateway.closed
          }),
        )
      }
      expect(await rooms.ledger('gateway.refused')).toHaveLength(30)
      rooms.clock.now += 60_000
      const late = rooms.dial()
      await late.next('challenge')
      late.send('x')
      await late.closed
      expect((await rooms.ledger('gateway.refused')).at(-1)?.detail).toMatchObject({ unwritten: 10 })
    })
  })

  describe('probes', () => {
    it('are served by any live gateway, and answered once', async () => {
      await expect(rooms.links.probe(scan)).rejects.toMatchObject({ code: 'gateway_unavailable' })
      const [one, two] = [await rooms.join(), await rooms.join()]
      const served: string[] = []
      for (const gateway of [one, two])
        void gateway.next('probe').then(({ id, body }) => {
          served.push(gateway.id)
          expect(body).toEqual(scan)
          gateway.send({ type: 'probed', id, answer: { probe: 'scan', keys: [] } })
          gateway.send({ type: 'probed', id, answer: { probe: 'scan', keys: [] } })
        })
      expect(await rooms.links.probe(scan)).toEqual({ probe: 'scan', keys: [] })
      expect(await rooms.links.probe(scan)).toEqual({ probe: 'scan', keys: [] })
      expect(served.toSorted()).toEqual([one.id, two.id].toSorted())
    })

    it('hand on the failure of the gateway, and end when it goes or the asker does', async () => {
      const gateway = await rooms.join()
      const failed = rooms.links.probe(scan)
      const { id } = await gateway.next('probe')
      gateway.send({ type: 'probed', id, failure: { code: 'host_timeout', message: 'no answer', detail: { ms: 5 } } })
      await expect(failed).rejects.toMatchObject({ code: 'host_timeout', detail: { ms: 5 } })

      const gone = new AbortController()
      const given = rooms.links.probe(scan, gone.signal)
      await gateway.next('probe')
      gone.abort(new Error('went away'))
      await expect(given).rejects.toThrow('went away')

      const cut = rooms.links.probe(scan)
      await gateway.next('probe')
      gateway.close()
      await expect(cut).rejects.toMatchObject({ code: 'gateway_unavailable' })
    })

    it('are refused when 64 run', async () => {
      const gateway = await rooms.join()
      const running = Array.from({ length: 64 }, () => rooms.links.probe(scan))
      await expect(rooms.links.probe(scan)).rejects.toMatchObject({ code: 'rate_limited' })
      gateway.close()
      for (const outcome of await Promise.allSettled(running)) expect(outcome).toMatchObject({ reason: { code: 'gateway_unavailable' } })
    })
  })
})
