import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame } from '#wire/terminal.ts'
import { OutgoingInput, mostUnderWay, mostWaiting } from './outgoing-input.ts'

/** A gateway behind a line that holds frames in both directions and loses them when it is cut. */
class Line {
  /** What the gateway received, in order. */
  readonly received: number[] = []
  readonly sizes: string[] = []
  readonly faults: string[] = []
  #up: Uint8Array[] = []
  #down: number[] = []
  #isOpen = false
  #given = 0
  readonly input = new OutgoingInput((frame) => {
    if (this.#isOpen) this.#up.push(frame)
    else this.faults.push('sent without a connection')
  })

  /** `welcomed`: false when the new line is cut before WELCOME arrives. */
  connect(welcomed: boolean) {
    if (this.#isOpen) this.cut(0, 0)
    this.input.forgetSizes()
    if (!welcomed) return
    this.#isOpen = true
    if (!this.input.open(this.received.length)) this.faults.push('would not go on')
  }
  deliver(frames: number) {
    for (const raw of this.#up.splice(0, frames)) {
      const decoded = decodeFrame(raw)
      if (decoded.ok && decoded.frame.kind === 'input') this.received.push(...decoded.frame.bytes)
      else if (decoded.ok && decoded.frame.kind === 'resize') this.sizes.push(`${decoded.frame.cols}x${decoded.frame.rows}`)
      else this.faults.push('not a frame')
    }
  }
  /** The host is given some, and TAKEN goes on its way. */
  give(bytes: number) {
    this.#given = Math.min(this.received.length, this.#given + bytes)
    if (this.#isOpen) this.#down.push(this.#given)
  }
  tell(frames: number) {
    for (const offset of this.#down.splice(0, frames)) this.input.taken(offset)
  }
  /** What has been delivered is delivered; the rest is lost, in both directions. */
  cut(up: number, down: number) {
    if (!this.#isOpen) return
    this.deliver(up)
    this.tell(down)
    this.#isOpen = false
    this.#up = []
    this.#down = []
    this.input.pause()
  }
}

const few = fc.nat({ max: 4 })
const step = fc.oneof(
  fc.record({ do: fc.constant('type' as const), count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 90_000 })) }),
  fc.record({ do: fc.constant('resize' as const), cols: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ do: fc.constant('deliver' as const), frames: few }),
  fc.record({ do: fc.constant('give' as const), count: fc.nat({ max: 100_000 }) }),
  fc.record({ do: fc.constant('tell' as const), frames: few }),
  fc.record({ do: fc.constant('cut' as const), up: few, down: few }),
  fc.record({ do: fc.constant('connect' as const), welcomed: fc.boolean() }),
)

describe('what is typed', () => {
  it('reaches the host once and in order, however connections are cut', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const line = new Line()
        line.connect(true)
        const typed: number[] = []
        for (const one of steps) {
          if (one.do === 'type') {
            const bytes = Uint8Array.from({ length: one.count }, (_, at) => (typed.length + at) % 251)
            if (line.input.bytes(bytes)) typed.push(...bytes)
          } else if (one.do === 'resize') line.input.resize(one.cols, 24)
          else if (one.do === 'deliver') line.deliver(one.frames)
          else if (one.do === 'give') line.give(one.count)
          else if (one.do === 'tell') line.tell(one.frames)
          else if (one.do === 'cut') line.cut(one.up, one.down)
          else line.connect(one.welcomed)
        }
        line.connect(true)
        for (let turns = 0; line.received.length < typed.length && turns < 1000; turns++) {
          line.deliver(Infinity)
          line.give(Infinity)
          line.tell(Infinity)
        }
        expect(line.faults).toEqual([])
        expect(Buffer.compare(Buffer.from(line.received), Buffer.from(typed))).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('is sent again from where the gateway stands, without sizes that HELLO has said', () => {
    const line = new Line()
    line.connect(true)
    for (const letter of 'abc') line.input.bytes(Buffer.from(letter))
    line.input.resize(90, 30)
    line.input.bytes(Buffer.from('d'))
    line.cut(2, 0)
    line.input.resize(100, 40)
    line.input.bytes(Buffer.from('e'))
    line.connect(true)
    line.input.resize(101, 41)
    line.deliver(Infinity)
    expect(Buffer.from(line.received).toString()).toBe('abcde')
    expect(line.sizes).toEqual(['101x41'])
  })

  it('is not held back by a TAKEN that was lost with its connection', () => {
    const line = new Line()
    line.connect(true)
    line.input.bytes(new Uint8Array(mostUnderWay))
    line.input.bytes(Uint8Array.of(7))
    line.deliver(Infinity)
    line.give(Infinity)
    line.cut(0, 0)
    line.connect(true)
    line.deliver(Infinity)
    expect(line.received.length).toBe(mostUnderWay + 1)
  })

  it('does not go on where something would be lost or doubled', () => {
    const input = new OutgoingInput(() => undefined)
    expect(input.open(100)).toBe(true)
    input.bytes(Uint8Array.of(1, 2, 3))
    input.taken(102)
    input.pause()
    expect(input.open(101)).toBe(false)
    expect(input.open(104)).toBe(false)
    expect(input.open(103)).toBe(true)
  })

  it('waits up to 8 MiB while the connection is gone, as few frames', () => {
    const sent: number[] = []
    const input = new OutgoingInput((frame) => sent.push(frame.length - 1))
    input.open(0)
    input.pause()
    for (let key = 0; key < 5000; key++) expect(input.bytes(Uint8Array.of(key % 256))).toBe(true)
    expect(input.bytes(new Uint8Array(mostWaiting - 5000))).toBe(true)
    expect(input.bytes(Uint8Array.of(1))).toBe(false)
    input.open(0)
    expect(sent[0]).toBe(5000)
  })
})
