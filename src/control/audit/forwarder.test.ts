import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '#domain/secret.ts'
import type { Store } from '../store/open-store.ts'
import { engines, useEngine } from '../store/test-engines.ts'
import { chainEnd } from './chain-rows.ts'
import { Forwarder, readBatch, type Receiver } from './forwarder.ts'
import { isWholeLine, type LedgerLine } from './ledger-line.ts'
import { listLedger, recordMany } from './ledger.ts'
import { chainRows } from './sequencer.ts'
import { Sink } from './sink.ts'
import { syslogReceiver } from './syslog-receiver.ts'
import { startReceiver, type Behaviour, type TestReceiver } from './test-receiver.ts'
import { webhookReceiver } from './webhook-receiver.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
const receiver = async (behaviour?: Behaviour, port?: number): Promise<TestReceiver> => {
  const started = await startReceiver(behaviour, port)
  stops.push(() => started.stop())
  return started
}

let written = 0
async function write(store: Store, count: number, detail?: Record<string, unknown>): Promise<void> {
  const events = Array.from({ length: count }, () => ({ code: 'asset.changed', outcome: 'done', object: `as_${(written += 1)}`, detail }) as const)
  await store.transaction((trx) => recordMany(trx, events, 1_795_251_758_000))
  await chainRows(store, Date.now)
}

const quick = { retryMs: 1, retryMostMs: 5, answerMs: 20_000 }
const forwarder = (store: Store, to: Receiver, more: { now?: () => number; times?: typeof quick } = {}) => {
  const made = new Forwarder({ store, receiver: to, now: more.now ?? Date.now, log: () => undefined, times: more.times ?? quick })
  stops.push(() => Promise.resolve(made.stop()))
  return made
}
const tcp = (port: number, host = '127.0.0.1') => syslogReceiver({ host, port, tls: false })

/** Turns until there is nothing left to send; bounded. */
async function drain(store: Store, from: Forwarder, name: string, end: number): Promise<void> {
  const sink = new Sink(store, name, Date.now)
  for (let turn = 0; turn < 500 && (await sink.sentNumber()) < end; turn += 1) {
    await from.turn()
    await pause(2)
  }
  expect(await sink.sentNumber()).toBe(end)
}

/** Each number once, by when it came first: none is missing, none overtook another, each follows on the hash before. */
function expectWhole(rows: readonly LedgerLine[], count: number): void {
  const first = [...new Map(rows.toReversed().map((row) => [row.number, row])).values()].sort((one, other) => rows.indexOf(one) - rows.indexOf(other))
  const firsts = rows.filter((row, at) => rows.findIndex(({ number }) => number === row.number) === at)
  expect(firsts.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, at) => at + 1))
  expect(first).toHaveLength(count)
  expect(firsts.every((row, at) => isWholeLine(row) && row.previous === (firsts[at - 1]?.hash ?? '0'.repeat(64)))).toBe(true)
}

describe.each(engines)('forwarding from %s', (name) => {
  const engine = useEngine(name)

  it('loses nothing and keeps the order for a receiver that refuses, cuts, stalls, closes early and comes back (AUD-17)', async () => {
    const store = await engine.open()
    const first = await receiver('good')
    const to = tcp(first.port)
    const from = forwarder(store, to, { times: { ...quick, answerMs: 300 } })
    await write(store, 20)
    await drain(store, from, to.name, 20)
    await first.stop()
    stops.pop()
    for (const behaviour of ['refuse', 'cut', 'stall', 'early', 'refuse'] as const) {
      const bad = behaviour === 'refuse' ? undefined : await startReceiver(behaviour, first.port)
      await write(store, 150)
      for (let turn = 0; turn < 2; turn += 1) {
        await from.turn()
        await pause(6)
      }
      await bad?.stop()
    }
    const back = await receiver('slow', first.port)
    // With what the ledger itself said of it meanwhile.
    await chainRows(store, Date.now)
    const end = (await chainEnd(store.db))?.number ?? 0
    expect(end).toBeGreaterThanOrEqual(770)
    await drain(store, forwarder(store, to), to.name, end)
    expectWhole([...first.rows(), ...back.rows()], end)
  })

  it('says once that a receiver is away and once that it is back, at most once a minute', async () => {
    const store = await engine.open()
    let time = 1_795_251_758_000
    let isAway = true
    let sends = 0
    const to: Receiver = {
      name: 'syslog tcp://192.0.2.1:514',
      send: () => ((sends += 1), isAway ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve()),
    }
    const from = forwarder(store, to, { now: () => time })
    const said = async () => (await listLedger(store.db)).filter(({ code }) => code.startsWith('audit.')).map(({ code, object }) => [code, object])
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn += 1) {
        await from.turn()
        await pause(10)
      }
    }
    await write(store, 1)
    await turns(2)
    expect(await said()).toEqual([])
    await turns(6)
    expect(await said()).toEqual([['audit.forwarding_failed', to.name]])
    expect((await store.db.selectFrom('auditSinks').selectAll().execute())[0]).toMatchObject({ sentNumber: 0, failure: 'connect ECONNREFUSED' })
    isAway = false
    await turns(2)
    isAway = true
    await chainRows(store, () => time)
    await turns(8)
    const once = [
      ['audit.forwarding_failed', to.name],
      ['audit.forwarding_resumed', to.name],
    ]
    expect(await said()).toEqual(once)
    time += 61_000
    await turns(4)
    expect(await said()).toEqual([...once, once[0]])
    expect(sends).toBeGreaterThan(12)
  })

  it('goes on after a restart where it was, and breaks off at once when control stops', async () => {
    const store = await engine.open()
    const stalled = await receiver('stall')
    const to = tcp(stalled.port)
    await write(store, 5)
    const from = forwarder(store, to, { times: { ...quick, answerMs: 60_000 } })
    const turn = from.turn()
    while (stalled.connections === 0) await pause(5)
    // Whoever does not read keeps neither rows from being chained nor control from stopping.
    await write(store, 5)
    from.stop()
    await turn
    expect(await new Sink(store, to.name, Date.now).sentNumber()).toBe(0)
    await stalled.stop()
    stops.splice(0, 1)
    const back = await receiver('good', stalled.port)
    await drain(store, forwarder(store, to), to.name, 10)
    expectWhole(back.rows(), 10)
  })

  it('holds one small batch, however much waits', async () => {
    const store = await engine.open()
    await write(store, 300, { text: 'x'.repeat(900), more: 'é'.repeat(900) })
    const batch = await readBatch(store.db, 0)
    expect(batch?.first).toBe(1)
    expect(batch?.lines.join('').length).toBeLessThanOrEqual(65_536)
    expect(batch?.lines.length).toBeGreaterThan(5)
    const next = await readBatch(store.db, batch?.last ?? 0)
    expect(next?.rows[0]?.previous).toBe(batch?.rows.at(-1)?.hash)
    expect(await readBatch(store.db, 300)).toBeUndefined()
  })
})

describe('syslog on the wire', () => {
  const engine = useEngine('sqlite')

  it('has no control byte, whatever was typed (AUD-09)', async () => {
    const store = await engine.open()
    const evil = `x\r\n\u001b[2J\u0000\u007f\u009b31m\u202e","code":"forged"<13>1 - - - - - - é🦀`
    await store.transaction((trx) =>
      recordMany(trx, [{ code: 'operator.sign_in_failed', outcome: 'refused', operator: evil, object: evil, detail: { evil } }], 5),
    )
    await chainRows(store, Date.now)
    const good = await receiver()
    const to = tcp(good.port)
    await drain(store, forwarder(store, to), to.name, 1)
    expect(good.messages).toHaveLength(1)
    expect(good.messages[0]).toMatch(/^<108>1 1970-01-01T00:00:00\.005Z \S+ sallyport - operator\.sign_in_failed - \{[\x20-\x7e]*\}$/)
    expect(isWholeLine(good.rows()[0] as LedgerLine)).toBe(true)
  })

  it('takes a batch for undelivered when the receiver never closes', async () => {
    const store = await engine.open()
    await write(store, 3)
    const mute = await receiver('mute')
    const to = tcp(mute.port)
    await forwarder(store, to, { times: { ...quick, answerMs: 1500 } }).turn()
    expect(mute.rows()).toHaveLength(3)
    expect(await new Sink(store, to.name, Date.now).sentNumber()).toBe(0)
  })

  it.each(['169.254.169.254', 'metadata.google.internal', '0xa9fea9fe', '::ffff:169.254.169.254', '100.100.100.200'])('is never sent to %s', async (host) => {
    const signal = AbortSignal.timeout(5000)
    const batch = { rows: [], lines: [], first: 1, last: 1 }
    await expect(tcp(514, host).send(batch, signal)).rejects.toThrow('metadata service')
    const shown = host.includes(':') ? `[${host}]` : host
    const webhook = webhookReceiver({ url: `http://${shown}/`, secret: new Secret('0123456789abcdef') }, Date.now)
    await expect(webhook.send(batch, signal)).rejects.toThrow('metadata service')
  })
})

describe('the webhook', () => {
  const engine = useEngine('sqlite')
  const secret = new Secret('a secret of a webhook')
  type Got = { headers: IncomingHttpHeaders; body: string; url: string }

  async function start(answer: (response: ServerResponse, at: number) => void) {
    const got: Got[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('error', () => undefined)
      request.on('end', () => {
        got.push({ headers: request.headers, body: Buffer.concat(chunks).toString('latin1'), url: request.url ?? '' })
        answer(response, got.length)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/T0KEN-in-path?key=1` }
  }

  it('gets signed batches in order, again until one was answered with 2xx', async () => {
    const store = await engine.open()
    await write(store, 450)
    const { got, url } = await start((response, at) => {
      if (at === 1) return void response.writeHead(500).end('no')
      if (at === 2) return void response.destroy()
      if (at === 3) return void response.writeHead(302, { location: '/elsewhere' }).end()
      response.writeHead(at % 2 ? 204 : 200).end(at % 2 ? undefined : 'x'.repeat(500_000))
    })
    const to = webhookReceiver({ url, secret }, () => 1_795_251_758_999)
    expect(to.name).not.toContain('T0KEN')
    await drain(store, forwarder(store, to), to.name, 450)
    for (const { headers, body, url: path } of got) {
      expect(path).toBe('/hook/T0KEN-in-path?key=1')
      const hmac = createHmac('sha256', 'a secret of a webhook')
        .update(`${headers['x-sallyport-timestamp'] as string}.${body}`)
        .digest('hex')
      expect(headers['x-sallyport-signature']).toBe(`v1=${hmac}`)
      expect(headers['x-sallyport-timestamp']).toBe('1795251758')
      expect(body).toMatch(/^[\x20-\x7e]+$/)
    }
    const batches = got.map(({ body }) => (JSON.parse(body) as { rows: Record<string, unknown>[] }).rows)
    expect(got.map(({ headers }) => headers['x-sallyport-rows'])).toEqual(
      batches.map((rows) => `${String(rows[0]?.['number'])}-${String(rows.at(-1)?.['number'])}`),
    )
    // The first batch came three times in vain.
    expect(batches.slice(1, 4)).toEqual([batches[0], batches[0], batches[0]])
    expect(batches.slice(3).flatMap((rows) => rows.map((row) => row['number']))).toEqual(Array.from({ length: 450 }, (_, at) => at + 1))
  })

  it('is given up for this time when it does not answer', async () => {
    const store = await engine.open()
    await write(store, 1)
    const { got, url } = await start(() => undefined)
    const to = webhookReceiver({ url, secret }, Date.now)
    await forwarder(store, to, { times: { ...quick, answerMs: 1000 } }).turn()
    expect(got).toHaveLength(1)
    expect(await new Sink(store, to.name, Date.now).sentNumber()).toBe(0)
  })
})
