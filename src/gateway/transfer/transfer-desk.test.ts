import { describe, expect, it } from 'vitest'
import type { FileRule } from '#domain/file-rule.ts'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { SessionAct } from '#domain/session-act.ts'
import type { TransferState } from '#domain/terminal-transfer.ts'
import { HandClock, ScriptedFar, settled } from '#session/test-pair.ts'
import { outputRoom } from '#wire/terminal.ts'
import { cancelSequence, Frame } from '../zmodem/frame.ts'
import { hexHeader } from '../zmodem/header-writer.ts'
import { TransferDesk } from './transfer-desk.ts'

const sz = Buffer.from(hexHeader(Frame.ZRQINIT))
const rz = Buffer.from(hexHeader(Frame.ZRINIT, 0x23000000))
const everything: FileRule[] = [{ name: 'All', actions: ['upload', 'download'] }]
const cancelled = Buffer.from(cancelSequence).toString('latin1')

function open(answer: () => Promise<{ rules: FileRule[] }> = () => Promise.resolve({ rules: everything })) {
  const [far, clock] = [new ScriptedFar(), new HandClock()]
  const [states, marks, acts, shown, asked]: [TransferState[], string[], SessionAct[], Uint8Array[], string[]] = [[], [], [], [], []]
  const desk = new TransferDesk({
    session: SessionId.parse(`se_${'a'.repeat(32)}`),
    far,
    clock,
    link: {
      ask: ((ask: { ask: string }) => {
        asked.push(ask.ask)
        return answer()
      }) as never,
    },
    report: (body) => Promise.resolve(body.report === 'acts' ? void acts.push(...body.acts) : undefined),
    verify: () => Promise.resolve({ verified: 'protocol' }),
  })
  desk.serveSession({ transfer: (state) => void states.push(state), mark: (label) => marks.push(label) })
  desk.far.on = { output: (bytes) => void shown.push(bytes), room: () => {}, closed: () => {} }
  desk.far.resume()
  const start = async (header: Buffer) => {
    far.say(Buffer.from(header))
    clock.forward(60)
    await settled()
  }
  return { desk, far, clock, states, marks, acts, shown, asked, start, text: () => Buffer.concat(shown).toString('latin1'), last: () => states.at(-1) }
}

describe('output while nothing runs', () => {
  it('goes through as the very bytes that came', () => {
    const { far, shown } = open()
    const bytes = outputRoom(1000)
    bytes.fill(0x61)
    far.say(bytes)
    expect(shown[0]).toBe(bytes)
  })

  it('is shown whole with every header in it that was not the last word, and nobody is asked', async () => {
    const { far, clock, text, asked, states } = open()
    const said = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.concat([sz, Buffer.from('x'), rz, sz, Buffer.from('yz\n')])))
    for (let at = 0; at < said.length; at += 97) far.say(said.subarray(at, at + 97))
    clock.forward(60)
    await settled()
    expect(text()).toBe(said.toString('latin1'))
    expect([asked, states]).toEqual([[], []])
  })

  it('is held for 50 ms where a header may have begun', () => {
    const { far, clock, text } = open()
    far.say(sz.subarray(0, 9))
    clock.forward(49)
    expect(text()).not.toContain('\x18')
    clock.forward(2)
    expect(text()).toBe(sz.subarray(0, 9).toString('latin1'))
  })
})

describe('a start', () => {
  it('asks control and the owner, and says nothing to the host', async () => {
    const { start, asked, last, far, clock, text } = open()
    await start(sz)
    expect(asked).toEqual(['file-rules'])
    expect(last()).toMatchObject({ way: 'sz', state: 'asked', secondsLeft: 30, files: [] })
    // The program says it again while it waits: the same card.
    await start(sz)
    clock.forward(20_000)
    expect([last()?.state, last()?.secondsLeft, asked.length, far.written, text()]).toEqual(['asked', 10, 1, [], ''])
  })

  it('that nobody answers is cancelled after 30 seconds', async () => {
    const { start, last, far, clock } = open()
    await start(rz)
    clock.forward(29_900)
    expect(far.written).toEqual([])
    clock.forward(200)
    expect(far.written).toEqual([cancelled])
    clock.forward(1000)
    expect(last()).toMatchObject({ state: 'cancelled', moved: 0 })
    far.say('prompt$ ')
    expect(clock.timers).toBe(0)
  })

  it('is none when the host says something else, which is then left alone', async () => {
    const { start, last, far, clock, text } = open()
    await start(sz)
    far.say('prompt$ ')
    expect([last()?.state, text()]).toEqual(['cancelled', 'prompt$ '])
    clock.forward(60_000)
    expect([far.written, clock.timers]).toEqual([[], 0])
  })

  it('is ended by Ctrl-C, which the host gets too; other keys are not in its way', async () => {
    const { start, desk, last, far, clock } = open()
    await start(sz)
    desk.far.write(Buffer.from('x'))
    desk.far.write(Buffer.from('\x03'))
    expect(far.written).toEqual(['x', cancelled, '\x03'])
    clock.forward(1000)
    expect(last()?.state).toBe('cancelled')
  })

  it('is refused with the grant that forbids it, or when control cannot say', async () => {
    const small = open(() => Promise.resolve({ rules: [{ name: 'Deploys', actions: ['download'], paths: ['/srv/app'] }] }))
    await small.start(sz)
    small.clock.forward(1000)
    expect(small.last()).toMatchObject({ state: 'refused', failure: 'file_refused', rule: 'Deploys' })
    expect([small.far.written, small.acts]).toMatchObject([[cancelled], [{ outcome: 'refused', rule: 'Deploys', way: 'sz', deed: 'download' }]])
    const none = open(() => Promise.resolve({ rules: [] }))
    await none.start(rz)
    none.clock.forward(1000)
    expect(none.last()).toMatchObject({ state: 'refused', failure: 'file_refused', text: expect.stringContaining('Uploads are not') as string })
    for (const fails of [() => Promise.reject(new Failure('control_unreachable', 'gone')), () => new Promise<never>(() => {})]) {
      const cut = open(fails)
      await cut.start(sz)
      cut.clock.forward(10_000)
      await settled()
      cut.clock.forward(1000)
      expect(cut.last()).toMatchObject({ state: 'refused', failure: 'control_unreachable' })
    }
  })

  it('of trzsz is told, and nothing is said to it', async () => {
    const { far, states, text } = open()
    const marker = '::TRZSZ:TRANSFER:S:1.1.6:7077123\r\n'
    for (let time = 0; time < 100; time++) far.say(marker)
    await settled()
    expect(states).toMatchObject([{ way: 'trzsz', state: 'refused', text: expect.stringContaining('SFTP') as string }])
    expect([text(), far.written]).toEqual([marker.repeat(100), []])
  })
})

describe('a transfer', () => {
  const accept = {
    act: 'accept' as const,
    files: [
      { name: 'a.txt', bytes: 5 },
      { name: '..', bytes: 1 },
    ],
  }

  it('has the host to itself: the session’s standstill waits, keys are dropped, the terminal hears nothing', async () => {
    const { start, desk, last, far, text } = open()
    await start(rz)
    desk.act({ ...accept, id: last()?.id ?? '' })
    expect(last()).toMatchObject({ state: 'running', files: [{ name: 'a.txt' }, { state: 'failed' }] })
    const before = far.written.length
    desk.far.pause()
    expect(far.paused).toBe(false)
    desk.far.write(Buffer.from('typed'))
    far.say(Buffer.from(hexHeader(Frame.ZRPOS, 0)))
    expect([far.written.slice(before), text(), last()?.files[0]?.state]).toEqual([[], '', last()?.files[0]?.state])
    desk.act({ act: 'cancel', id: last()?.id ?? '' })
    expect(far.written.at(-1)).toBe(cancelled)
  })

  it('gives back the terminal with what the session wanted meanwhile', async () => {
    const { start, desk, last, far, clock, text } = open()
    await start(rz)
    desk.act({ ...accept, id: last()?.id ?? '' })
    desk.far.pause()
    desk.act({ act: 'cancel', id: last()?.id ?? '' })
    far.say(Buffer.from(`${cancelled}prompt$ `, 'latin1'))
    clock.forward(1000)
    expect([far.paused, last()?.state]).toEqual([true, 'cancelled'])
    desk.far.resume()
    expect(text()).toContain('prompt$ ')
    expect(clock.timers).toBe(0)
  })

  it('sends no more of a file at a shell', async () => {
    const { start, desk, last, far } = open()
    await start(rz)
    desk.act({ ...accept, id: last()?.id ?? '' })
    far.say(Buffer.from(hexHeader(Frame.ZRPOS, 0)))
    far.say('\x1b[?2004huser@host$ ')
    expect(far.written.at(-1)).toBe(cancelled)
  })

  it('ends with the session: nothing is left, and the ledger has heard', async () => {
    const { start, desk, last, far, clock, acts } = open()
    await start(rz)
    desk.act({ ...accept, id: last()?.id ?? '' })
    far.say(Buffer.from(hexHeader(Frame.ZRPOS, 0)))
    desk.far.close()
    expect(last()?.state).toBe('failed')
    expect(acts).toMatchObject([{ path: 'a.txt', outcome: 'failed' }])
    expect([clock.timers, far.closes]).toEqual([0, 1])
  })
})
