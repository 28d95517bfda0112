// Anything at all from the host: never an exception, never a hang, never more memory.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Frame, SubpacketEnd } from './frame.ts'
import { dataFrame, fileFrame, hex, makeReceiver, makeSender } from './test-joined.ts'

const header = fc.tuple(fc.integer({ min: 0, max: 25 }), fc.oneof(fc.constantFrom(0, 3, 5, 2 ** 32 - 1), fc.nat())).map(([type, value]) => hex(type, value))
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 4, arbitrary: header },
  fc.string({ maxLength: 20 }).map((text) => fileFrame(text)),
  fc.constantFrom(
    fileFrame('a\u00005'),
    fileFrame('b\u00005 0 0 0 3 9'),
    dataFrame(0, 'hello'),
    dataFrame(0, 'hel', SubpacketEnd.ZCRCG),
    dataFrame(3, 'lo', SubpacketEnd.ZCRCW),
    hex(Frame.ZEOF, 5),
  ),
  fc.constantFrom(Uint8Array.of(0x18), Uint8Array.of(0x2a, 0x2a), Uint8Array.of(0x18, 0x68)),
)
const act = fc.constantFrom('input', 'input', 'input', 'input', 'tick', 'cancel', 'other')
const story = fc.array(fc.tuple(act, piece), { maxLength: 40 })

test('a receiver ends once, with no more data than was announced', () => {
  fc.assert(
    fc.property(story, fc.boolean(), (steps, accepts) => {
      const { receiver, input, clock, state, outcome, told } = makeReceiver({ accepts })
      receiver.start()
      for (const [what, bytes] of steps) {
        if (what === 'input') input(bytes)
        else if (what === 'cancel' && bytes.length > 40) receiver.cancel()
        else if (what === 'other') receiver.skip()
        clock.now += 300
        receiver.tick()
      }
      const files = told.filter((each) => each.startsWith('offered')).length
      expect(state.data.length).toBeLessThanOrEqual(files * (accepts ? 5 : 0) + 1000)
      receiver.cancel()
      expect(outcome()).toMatch(/^(finished|cancelled|failed)/)
    }),
    { numRuns: 300 },
  )
})

test('a sender ends once', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const { sender, input, clock, told, outcome } = makeSender()
      sender.start({ kind: 'hex', type: Frame.ZRINIT, value: 0x23000000 })
      sender.offer({ name: 'a', bytes: 5 })
      for (const [what, bytes] of steps) {
        if (what === 'input') input(bytes)
        else if (what === 'cancel' && bytes.length > 40) sender.cancel()
        else if (what === 'other' && told.splice(0).some((each) => each === 'accepted 0')) sender.write(Buffer.from('hello'))
        clock.now += 300
        sender.tick()
      }
      sender.cancel()
      expect(outcome()).toMatch(/^(finished|cancelled|failed)/)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['pads', Buffer.alloc(2 ** 20, 0x2a)],
  ['pads and letters', Buffer.alloc(2 ** 20, '*xyz')],
  ['four CAN and a letter', Buffer.alloc(2 ** 20, '\u0018\u0018\u0018\u0018x')],
  ['beginnings of headers', Buffer.alloc(2 ** 20, '**\u0018B0')],
  ['beginnings of binary headers', Buffer.alloc(2 ** 20, '*\u0018C')],
  ['zeros', Buffer.alloc(2 ** 20)],
])('a mebibyte of %s is read within a second', (_, bytes) => {
  const { receiver, input, outcome } = makeReceiver()
  receiver.start()
  const startedAt = performance.now()
  input(fileFrame('a\u00005'))
  input(bytes)
  // Ten times what it takes on a busy machine; the square of its length would take minutes.
  expect(performance.now() - startedAt).toBeLessThan(1000)
  receiver.cancel()
  expect(outcome()).toMatch(/^(cancelled|failed)/)
})
