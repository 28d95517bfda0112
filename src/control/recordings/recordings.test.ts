import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '#wire/link.ts'
import type { Asker } from '#domain/access.ts'
import { OperatorId } from '#domain/id.ts'
import { compressFrame } from '#recording/zstd-frames.ts'
import { openTestLinks, type TestLinks } from '../link/test-links.ts'
import { useEngine } from '../store/test-engines.ts'
import { openRecordingsDesk } from './desk.ts'
import { Retention } from './retention.ts'
import { sealForgotten } from './take-sealed.ts'
import { blocksOf, threeTexts } from './test-blocks.ts'

const day = 24 * 3_600_000

describe('recordings', () => {
  const engine = useEngine('sqlite')
  let rooms: TestLinks
  beforeEach(async () => {
    rooms = await openTestLinks(engine)
  })
  afterEach(() => rooms.close())

  type Gateway = Awaited<ReturnType<TestLinks['join']>>
  const desk = () => openRecordingsDesk({ ...rooms, now: () => rooms.clock.now, disk: { state: 'ok', usedShare: 0.1, look: () => Promise.resolve() } })
  const by = (): { operator: Asker; source: string } => ({
    operator: { id: OperatorId.parse(`op_${'a'.repeat(24)}`), name: 'ann', role: 'admin', enabled: true, mayWatch: true, groups: [], secondFactor: false },
    source: '192.0.2.1',
  })
  const read = async (session: string, format: 'v3' | 'v2' | 'txt', ...range: number[]) => {
    const parts: Uint8Array[] = []
    for await (const chunk of (await desk().open(session, format)).bytes(...range)) parts.push(chunk)
    return Buffer.concat(parts).toString()
  }
  const sealedReport = (session: string, texts = threeTexts): Extract<Report, { report: 'sealed' }> => ({
    report: 'sealed',
    session: session as never,
    blocks: texts.length,
    head: blocksOf(session, texts).at(-1)?.header.sha256 ?? '',
    seconds: 0.7,
    castBytes: texts.join('').length,
    incomplete: false,
  })
  const end = async (gateway: Gateway, session: string) =>
    gateway.report({
      report: 'ended',
      session: session as never,
      end: { reason: 'exited', message: 'bye', exitStatus: 0, at: rooms.clock.now },
      bytesIn: 1,
      bytesOut: 2,
    })
  /** Began, recorded, ended and sealed. */
  const whole = async (gateway: Gateway, texts = threeTexts) => {
    const { session } = await rooms.open(gateway)
    await gateway.report({ report: 'began', session, at: rooms.clock.now })
    for (const { header, frame } of blocksOf(session, texts)) expect(await gateway.block(header, frame)).toBeUndefined()
    await end(gateway, session)
    expect(await gateway.report(sealedReport(session, texts))).toBeUndefined()
    return session
  }
  const castFile = (session: string) => {
    const root = join(dirname(rooms.socketPath), 'recordings')
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) => name.includes(session) && /cast/.test(name))
    if (found === undefined) throw new Error('the recording is not on the shelf')
    return join(root, found)
  }

  it('keeps screens for seeking beside a recording that is being written, within a bound, and removes them with it', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const frame = (text: string) => compressFrame(Buffer.from(text)).toString('base64')
    const keyframe = (offset: number, text = `screen ${offset}`) => ({ session, offset, atMs: offset + 0.5, cols: 80, rows: 24, frame: frame(text) })
    /** What follows on the link comes after: it is asked about until it is there. */
    const screens = async (count: number) => {
      for (let tries = 0; ; tries += 1) {
        const lines: string[] = []
        for await (const line of await desk().screens(session)) lines.push(line)
        if (lines.length >= count || tries > 500) return lines.map((line) => JSON.parse(line) as { offset: number; text: string })
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    gateway.send({ type: 'keyframe', body: keyframe(1) })
    for (const { header, frame: bytes } of blocksOf(session, threeTexts)) await gateway.block(header, bytes)
    gateway.send({ type: 'keyframe', body: keyframe(2) })
    expect(await screens(1)).toEqual([{ offset: 2, atMs: 2.5, cols: 80, rows: 24, text: 'screen 2' }])
    const filesOfShelf = () => {
      const root = join(dirname(rooms.socketPath), 'recordings')
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => join(root, name))
        .filter((path) => statSync(path).isFile())
    }
    const screensFile = filesOfShelf().find((file) => file.endsWith('.screens'))
    appendFileSync(screensFile ?? '', '{"offset":3,"torn')
    gateway.send({ type: 'keyframe', body: keyframe(4) })
    expect((await screens(2)).map(({ offset }) => offset)).toEqual([2, 4])
    const stranger = await rooms.join()
    stranger.send({ type: 'keyframe', body: keyframe(5) })
    await stranger.beat()
    truncateSync(screensFile ?? '', 16 * 1024 * 1024 - 50)
    gateway.send({ type: 'keyframe', body: keyframe(6) })
    await gateway.beat()
    expect(statSync(screensFile ?? '').size).toBe(16 * 1024 * 1024 - 50)
    await end(gateway, session)
    await gateway.report(sealedReport(session))
    expect(await desk().verify(session)).toMatchObject({ state: 'verified' })
    await desk().remove(session, by())
    expect(filesOfShelf()).toEqual([])
  })

  it('gives a block of a live session back to its own gateway, and to no other', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const blocks = blocksOf(session, threeTexts)
    const ask = (atOffset: number) => gateway.ask({ ask: 'recording-block', session, atOffset })
    expect((await ask(0)).failure?.code).toBe('recording_not_found')
    for (const { header, frame } of blocks) await gateway.block(header, frame)
    const { index, fromOffset, toOffset, fromMs, toMs } = blocks[1]?.header ?? ({} as never)
    expect((await ask(15)).body).toEqual({ index, fromOffset, toOffset, fromMs, toMs, frame: blocks[1]?.frame.toString('base64') })
    expect((await ask(30)).failure?.code).toBe('recording_not_found')
    const stranger = await rooms.join()
    expect((await stranger.ask({ ask: 'recording-block', session, atOffset: 15 })).failure?.code).toBe('forbidden')
    await end(gateway, session)
    expect((await ask(15)).failure?.code).toBe('conflict')
  })

  it('go from the gateway to the shelf, are signed, verified, and read in every format', async () => {
    const gateway = await rooms.join()
    const session = await whole(gateway)
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'intact', recordingSeconds: 0.7, recordingHead: sealedReport(session).head })
    expect(rooms.state.sealed).toBe(1)
    expect(await rooms.ledger('recording.sealed')).toMatchObject([{ object: session, detail: { blocks: 3, key: rooms.ledgerKey.fingerprint } }])
    expect(await desk().verify(session)).toEqual({ state: 'verified', blocks: 3, keyFingerprint: rooms.ledgerKey.fingerprint })
    expect(await read(session, 'v3')).toBe(threeTexts.join(''))
    expect(await read(session, 'v3', 10, 120)).toBe(threeTexts.join('').slice(10, 120))
    expect(await read(session, 'txt')).toContain('hello world 行')
    expect(JSON.parse((await read(session, 'v2')).split('\n', 1)[0] ?? '')).toMatchObject({ version: 2, width: 80 })
    expect((await desk().open(session, 'v3')).lengthBytes).toBe(Buffer.byteLength(threeTexts.join('')))
  })

  it('are read while they are written, as far as they have come', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    await expect(desk().open(session, 'v3')).rejects.toMatchObject({ code: 'recording_pending' })
    const [first] = blocksOf(session, threeTexts)
    if (first) await gateway.block(first.header, first.frame)
    expect(await read(session, 'v3')).toBe(threeTexts[0])
    expect((await desk().open(session, 'v3')).lengthBytes).toBeUndefined()
    expect(await desk().verify(session)).toMatchObject({ state: 'incomplete', blocks: 1 })
    await expect(desk().remove(session, by())).rejects.toMatchObject({ code: 'conflict' })
    await gateway.beat()
    expect(await rooms.row(session)).toMatchObject({ recordingBytes: first?.frame.length, recordingSeconds: 1 })
  })

  it('take each block and each seal once, however often they are told', async () => {
    const gateway = await rooms.join()
    const session = await whole(gateway)
    const again = await rooms.join({}, gateway.keys)
    for (const { header, frame } of blocksOf(session, threeTexts)) expect(await again.block(header, frame)).toBeUndefined()
    expect(await again.report(sealedReport(session))).toBeUndefined()
    expect(await again.ask({ ask: 'shelf-state', session: session as never })).toMatchObject({
      body: { state: 'sealed', nextIndex: 3, head: sealedReport(session).head },
    })
    expect(await rooms.ledger('recording.sealed')).toHaveLength(1)
    expect(await desk().verify(session)).toMatchObject({ state: 'verified' })
  })

  it('take many blocks that come at once, and answer each by itself when one of them is refused', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const blocks = blocksOf(
      session,
      Array.from({ length: 30 }, (_, index) => `${index === 0 ? (threeTexts[0] ?? '') : `[0.1,"o","${index}"]\n`}`),
    )
    const bad = { header: blocks[20]?.header, frame: blocks[19]?.frame }
    const sent = blocks.map(({ header, frame }, index) => gateway.block(bad.header && index === 20 ? bad.header : header, (index === 20 && bad.frame) || frame))
    const answers = await Promise.all(sent)
    expect(answers.map((failure) => failure?.code)).toEqual(blocks.map((_, index) => (index < 20 ? undefined : index === 20 ? 'bad_request' : 'conflict')))
    expect(await rooms.shelf.state(session)).toMatchObject({ blocks: 20 })
    const rest = await Promise.all(blocks.slice(18).map(({ header, frame }) => gateway.block(header, frame)))
    expect(rest.every((failure) => failure === undefined)).toBe(true)
    expect(await desk().verify(session)).toMatchObject({ state: 'incomplete', blocks: 30 })
    await gateway.beat()
    expect(await rooms.row(session)).toMatchObject({ recordingSeconds: 30 })
  })

  it('refuse gaps, other digests, and frames that are not what their header says', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const [first, second, third] = blocksOf(session, threeTexts)
    if (!first || !second || !third) throw new Error('three blocks')
    expect(await gateway.block(second.header, second.frame)).toMatchObject({ code: 'conflict' })
    expect(await gateway.block(first.header, second.frame)).toMatchObject({ code: 'bad_request' })
    expect(await gateway.block(first.header, Buffer.from('no zstd at all'))).toMatchObject({ code: 'bad_request' })
    expect(await gateway.block(first.header, first.frame)).toBeUndefined()
    expect(await gateway.block({ ...first.header, sha256: 'f'.repeat(64) }, first.frame)).toMatchObject({ code: 'conflict' })
    expect(await gateway.block(third.header, third.frame)).toMatchObject({ code: 'conflict' })
    expect(await gateway.report(sealedReport(session))).toMatchObject({ code: 'conflict' })
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'incomplete', recordingHead: null })
    expect(await rooms.ledger('recording.altered')).toHaveLength(1)
  })

  it('are taken from the gateway of the session alone (GW-04)', async () => {
    const [gateway, other] = [await rooms.join(), await rooms.join()]
    const { session } = await rooms.open(gateway)
    const [first] = blocksOf(session, threeTexts)
    if (!first) throw new Error('one block')
    expect(await other.block(first.header, first.frame)).toMatchObject({ code: 'forbidden' })
    expect(await other.report(sealedReport(session))).toMatchObject({ code: 'forbidden' })
    expect(await other.report({ report: 'began', session, at: 1 })).toMatchObject({ code: 'forbidden' })
    expect(await end(other, session)).toMatchObject({ code: 'forbidden' })
    expect(await other.ask({ ask: 'shelf-state', session })).toMatchObject({ failure: { code: 'forbidden' } })
    expect((await rooms.ledger('gateway.refused')).map((row) => [row.object, row.detail.gateway])).toEqual(Array.from({ length: 5 }, () => [session, other.id]))
    expect(await rooms.shelf.state(session)).toBeUndefined()
    expect(await rooms.row(session)).toMatchObject({ state: 'opening', recordingState: 'writing' })
    expect(await gateway.ask({ ask: 'shelf-state', session: `se_${'b'.repeat(24)}` as never })).toMatchObject({ body: { state: 'unknown' } })
  })

  it('wait on their gateway while the disk is full', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const [first] = blocksOf(session, threeTexts)
    if (!first) throw new Error('one block')
    rooms.state.isLow = true
    const taken = gateway.block(first.header, first.frame)
    await expect.poll(() => rooms.logged.some((line) => line.event === 'link.commit_retried')).toBe(true)
    expect(await gateway.beat()).toMatchObject({ mustEnd: [] })
    rooms.state.isLow = false
    expect(await taken).toBeUndefined()
    expect(await rooms.shelf.state(session)).toMatchObject({ blocks: 1 })
  })

  it('that were altered are named, marked, and written once', async () => {
    const gateway = await rooms.join()
    const session = await whole(gateway)
    const file = castFile(session)
    const bytes = readFileSync(file)
    const broken = Buffer.from(bytes)
    broken[bytes.length - 8] = (broken[bytes.length - 8] ?? 0) ^ 1
    writeFileSync(file, broken)
    expect(await desk().verify(session)).toMatchObject({ state: 'altered', problem: expect.stringContaining('block 2') as string })
    expect(await desk().verify(session)).toMatchObject({ state: 'altered' })
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'altered' })
    expect(await rooms.ledger('recording.altered')).toMatchObject([{ object: session, outcome: 'failed' }])
  })

  it('whose head, or whose every file, was taken away are altered, not merely unsealed', async () => {
    const gateway = await rooms.join()
    const session = await whole(gateway)
    const folder = dirname(castFile(session))
    const head = readdirSync(folder).find((name) => name.includes(session) && name.includes('head'))
    if (head === undefined) throw new Error('no head file')
    rmSync(join(folder, head))
    expect(await desk().verify(session)).toMatchObject({ state: 'altered', problem: 'the signed head is gone from the shelf' })
    const swapped = await whole(gateway)
    await rooms.store.transaction((trx) =>
      trx
        .updateTable('sessions')
        .set({ recordingHead: 'f'.repeat(64) })
        .where('id', '=', swapped)
        .execute(),
    )
    expect(await desk().verify(swapped)).toMatchObject({ state: 'altered', problem: 'the head is not the one that was signed for this session' })
    const other = await whole(gateway)
    await rooms.shelf.remove(other)
    expect(await desk().verify(other)).toMatchObject({ state: 'altered', problem: 'the recording is gone from the shelf' })
  })

  it('of sessions that failed before they showed anything are none', async () => {
    const gateway = await rooms.join()
    const { session } = await rooms.open(gateway)
    const failed = { reason: 'host_unreachable', failure: 'host_timeout', message: 'no answer', at: rooms.clock.now } as const
    await gateway.report({ report: 'ended', session, end: failed, bytesIn: 0, bytesOut: 0 })
    expect(await rooms.row(session)).toMatchObject({ state: 'ended', failure: 'host_timeout', recordingState: null })
    expect(await gateway.report({ ...sealedReport(session), blocks: 0, head: '0'.repeat(64) })).toBeUndefined()
    expect(await rooms.row(session)).toMatchObject({ recordingState: null })
    await expect(desk().verify(session)).rejects.toMatchObject({ code: 'recording_not_found' })
  })

  it('that their gateway never sealed are sealed as incomplete after a week', async () => {
    const gateway = await rooms.join()
    const [{ session }, empty] = [await rooms.open(gateway), await rooms.open(gateway)]
    for (const each of [session, empty.session]) await gateway.report({ report: 'began', session: each, at: rooms.clock.now })
    for (const { header, frame } of blocksOf(session, threeTexts).slice(0, 2)) await gateway.block(header, frame)
    for (const each of [session, empty.session]) await end(gateway, each)
    const forgotten = () => sealForgotten({ ...rooms, now: () => rooms.clock.now, onSealed: () => undefined })
    rooms.clock.now += 6 * day
    await forgotten()
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'writing' })
    rooms.clock.now += day + 1
    await forgotten()
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'incomplete', recordingSeconds: 2 })
    expect(await rooms.row(empty.session)).toMatchObject({ recordingState: null })
    expect(await desk().verify(session)).toMatchObject({ state: 'incomplete', blocks: 2, keyFingerprint: rooms.ledgerKey.fingerprint })
    await desk().remove(session, by())
  })

  it('are removed when asked, and what was interrupted is finished', async () => {
    const gateway = await rooms.join()
    const [session, interrupted] = [await whole(gateway), await whole(gateway)]
    await desk().remove(session, by())
    expect(await rooms.row(session)).toMatchObject({ recordingState: 'expired', recordingBytes: 0, state: 'ended' })
    expect(await rooms.shelf.state(session)).toBeUndefined()
    expect((await rooms.ledger('recording.deleted')).map((row) => [row.object, row.outcome])).toEqual([
      [session, 'intent'],
      [session, 'done'],
    ])
    await expect(desk().open(session, 'v3')).rejects.toMatchObject({ code: 'recording_not_found' })
    await expect(desk().remove(session, by())).rejects.toMatchObject({ code: 'recording_not_found' })
    const [first] = blocksOf(session, threeTexts)
    if (first) expect(await gateway.block(first.header, first.frame)).toMatchObject({ code: 'conflict' })
    expect(await gateway.report(sealedReport(session))).toBeUndefined()
    // Control died between the row and the files.
    await rooms.store.transaction((trx) => trx.updateTable('sessions').set({ recordingState: 'expired' }).where('id', '=', interrupted).execute())
    expect(statSync(castFile(interrupted)).size).toBeGreaterThan(0)
    await new Retention({ ...rooms, now: () => rooms.clock.now, limits: {} }).sweep()
    expect(await rooms.shelf.state(interrupted)).toBeUndefined()
  })

  it('expire by days and by bytes, the oldest first, and never while they are written', async () => {
    const gateway = await rooms.join()
    const noise = (seed: number) => [
      `{"version":3,"term":{"cols":80,"rows":24}}\n[0.1,"o","${createHash('sha512').update(String(seed)).digest('hex').repeat(2)}"]\n`,
    ]
    const live = await rooms.open(gateway)
    for (const { header, frame } of blocksOf(live.session, threeTexts)) await gateway.block(header, frame)
    const old: string[] = []
    for (let index = 0; index < 5; index += 1) {
      rooms.clock.now += day
      await rooms.store.transaction((trx) =>
        trx
          .updateTable('signIns')
          .set({ expiresAt: rooms.clock.now + day })
          .execute(),
      )
      old.push(await whole(gateway, noise(index)))
    }
    const states = async () => Promise.all([live.session, ...old].map(async (session) => (await rooms.row(session)).recordingState))
    await new Retention({ ...rooms, now: () => rooms.clock.now, limits: { days: 3 } }).sweep()
    expect(await states()).toEqual(['writing', 'expired', 'intact', 'intact', 'intact', 'intact'])
    const total = await rooms.shelf.totalBytes()
    const one = (await rooms.row(old[4] ?? '')).recordingBytes
    await new Retention({ ...rooms, now: () => rooms.clock.now, limits: { bytes: total - one } }).sweep()
    expect((await states()).slice(0, 3)).toEqual(['writing', 'expired', 'expired'])
    expect((await states()).at(-1)).toBe('intact')
    await new Retention({ ...rooms, now: () => rooms.clock.now, limits: { bytes: 1 } }).sweep()
    expect(await states()).toEqual(['writing', 'expired', 'expired', 'expired', 'expired', 'expired'])
    expect((await rooms.ledger('recording.deleted')).filter((row) => row.outcome === 'intent').map((row) => row.object)).toEqual(old)
    expect(await rooms.shelf.state(live.session)).toMatchObject({ blocks: 3 })
  })
})
