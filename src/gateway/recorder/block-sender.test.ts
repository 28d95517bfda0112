import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { SessionId } from '#domain/id.ts'
import type { Clock } from '#session/clock.ts'
import { BlockSender, type Send } from './block-sender.ts'
import type { ForShelf } from './worker-messages.ts'

/** Time moves when a test says so; timers that are due fire then. */
class TestClock implements Clock {
  #now = 0
  #timers = new Set<{ at: number; call: () => void }>()
  nowMs = () => this.#now
  wallMs = () => this.#now
  after(delayMs: number, call: () => void) {
    const timer = { at: this.#now + delayMs, call }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
  async move(ms: number, stepMs = 100): Promise<void> {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now += stepMs
      for (const timer of this.#timers) {
        if (timer.at > this.#now) continue
        this.#timers.delete(timer)
        timer.call()
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const ids = ['a', 'b'].map((letter) => SessionId.parse(`se_${letter.repeat(24)}`))
function block(number: number, index: number): ForShelf {
  const header = { session: ids[number - 1] as SessionId, index, previous: '', sha256: '', fromMs: 0, toMs: 0, fromOffset: 0, toOffset: 0, castBytes: 0 }
  return { type: 'block', number, header, frame: Buffer.from('f'), isAll: true, place: { segment: 1, at: 0 }, fromSegment: 1, castBytes: 0 }
}

function senderWith(send: Send['block']) {
  const clock = new TestClock()
  const told: string[] = []
  const name = (message: ForShelf) => `${message.number}/${message.type === 'block' ? message.header.index : 'seal'}`
  const sender = new BlockSender({ block: send, sealed: () => Promise.resolve() }, clock, {
    taken: (message) => told.push(`taken ${name(message)}`),
    sealed: (number) => told.push(`sealed ${number}`),
    refused: (number, _cause, unsent) => told.push(`refused ${number}: ${unsent.map(name).join(' ')}`),
    reaches: (isReached) => told.push(isReached ? 'reached' : 'out of reach'),
  })
  return { clock, told, sender }
}

describe('bringing blocks to control', () => {
  it('waits longer and longer while the link is down, up to 5 s, and sends the same block again', async () => {
    const tries: number[] = []
    const { clock, sender } = senderWith(() => {
      tries.push(clock.nowMs())
      return Promise.reject(new Error('down'))
    })
    sender.add(block(1, 0))
    await clock.move(30_000)
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    expect(pauses.slice(0, 4).every((pause, index) => pause >= 100 * 2 ** index)).toBe(true)
    expect(Math.max(...pauses)).toBeLessThan(5300)
    sender.close()
  })

  it('keeps sixteen blocks of a session on their way, in order, and tells of the seal after the last', async () => {
    const answers: { index: number; settle: () => void }[] = []
    const { told, sender } = senderWith(({ index }) => new Promise((settle) => answers.push({ index, settle })))
    for (let index = 0; index < 18; index++) sender.add(block(1, index))
    sender.add({ type: 'sealed', number: 1, session: ids[0] ?? '', blocks: 18, head: '', seconds: 1, castBytes: 0, incomplete: false })
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
    expect(answers.map((each) => each.index)).toEqual(upTo(16))
    for (let index = 15; index >= 1; index--) answers[index]?.settle()
    await turn()
    expect(told).toEqual([])
    answers[0]?.settle()
    await turn()
    expect(answers.map((each) => each.index)).toEqual(upTo(18))
    answers[17]?.settle()
    await turn()
    expect(told.filter((line) => line !== 'reached')).toEqual(upTo(16).map((index) => `taken 1/${index}`))
    answers[16]?.settle()
    await turn()
    expect(told.filter((line) => line !== 'reached').slice(16)).toEqual(['taken 1/16', 'taken 1/17', 'sealed 1'])
  })

  it('sends on in order behind a block that failed, and takes no gap for an answer', async () => {
    let next = 0
    let broken = 3
    const { clock, told, sender } = senderWith(({ index }) => {
      if (index !== next) return Promise.reject(new Failure('conflict', `block ${next} comes next`))
      if (index === 2 && broken-- > 0) return Promise.reject(new Failure('internal', 'later'))
      next += 1
      return Promise.resolve()
    })
    for (let index = 0; index < 12; index++) {
      sender.add(block(1, index))
      await clock.move(100)
    }
    await clock.move(5000)
    expect(told.filter((line) => line.startsWith('refused'))).toEqual([])
    expect(told.filter((line) => line.startsWith('taken'))).toEqual(Array.from({ length: 12 }, (_, index) => `taken 1/${index}`))
  })

  it('asks again when a gap was answered to a block that overtook another', async () => {
    const shelf: number[] = []
    let isFirst = true
    const { clock, told, sender } = senderWith(async ({ index }) => {
      if (index === 0 && isFirst) {
        isFirst = false
        await new Promise((resolve) => clock.after(300, () => resolve(undefined)))
      }
      if (index !== shelf.length) throw new Failure('conflict', 'a gap')
      shelf.push(index)
    })
    for (let index = 0; index < 3; index++) sender.add(block(1, index))
    await clock.move(2000)
    expect(told.filter((line) => line !== 'reached')).toEqual(['taken 1/0', 'taken 1/1', 'taken 1/2'])
  })

  it('never gives a session up while nobody gets through', async () => {
    const { clock, told, sender } = senderWith(() => Promise.reject(new Failure('internal', 'later')))
    sender.add(block(1, 0))
    sender.add(block(2, 0))
    await clock.move(3_600_000, 1000)
    expect(told.filter((line) => line.startsWith('refused'))).toEqual([])
    sender.close()
  })

  it('gives up a session that alone gets no further for a minute, with all that waits of it', async () => {
    const { clock, told, sender } = senderWith((header) => (header.session === ids[0] ? Promise.reject(new Failure('internal', 'broken')) : Promise.resolve()))
    sender.add(block(1, 0))
    sender.add(block(1, 1))
    for (let index = 0; index < 50; index++) {
      sender.add(block(2, index))
      await clock.move(1000)
    }
    expect(told.filter((line) => line.startsWith('refused'))).toEqual([])
    for (let index = 50; index < 75; index++) {
      sender.add(block(2, index))
      await clock.move(1000)
    }
    expect(told.filter((line) => line.startsWith('refused'))).toEqual(['refused 1: 1/0 1/1'])
    expect(told.filter((line) => line.startsWith('taken 2/'))).toHaveLength(75)
    sender.close()
  })

  it('gives a session up at once when control refuses it for good', async () => {
    const { clock, told, sender } = senderWith(() => Promise.reject(new Failure('forbidden', 'another gateway holds it')))
    sender.add(block(1, 0))
    await clock.move(100)
    expect(told).toEqual(['refused 1: 1/0'])
  })

  it('says that the shelf is out of reach when no answer comes', async () => {
    const { clock, told, sender } = senderWith(() => new Promise(() => undefined))
    sender.add(block(1, 0))
    await clock.move(6000)
    expect(told).toEqual(['out of reach'])
    sender.close()
  })
})
