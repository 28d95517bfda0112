import { describe, expect, test } from 'vitest'
import { Can, cancelSequence, Frame, type Header } from './frame.ts'
import { hex, makeSender } from './test-joined.ts'

const usual = Can.fullDuplex | Can.overlapIo | Can.crc32
const init = (flags: number = usual, buffer = 0): Header => ({ kind: 'hex', type: Frame.ZRINIT, value: (flags * 2 ** 24 + buffer) >>> 0 })
const ready = hex(Frame.ZRINIT, usual * 2 ** 24)
const started = (flags?: number, buffer?: number, options?: Parameters<typeof makeSender>[0]) => {
  const joined = makeSender(options)
  joined.sender.start(init(flags, buffer))
  return joined
}
/** With a file of so many bytes that the host takes. */
const sending = (bytes: number, { from = 0, flags = usual, buffer = 0 }: { from?: number; flags?: number; buffer?: number } = {}) => {
  const joined = started(flags, buffer)
  joined.sender.offer({ name: 'a', bytes })
  joined.input(hex(Frame.ZRPOS, from))
  joined.says()
  joined.told.splice(0)
  return joined
}
const text = (bytes: number) => Buffer.alloc(bytes, 'abcdefghij')
const data = (said: string[]) => said.flatMap((each) => (each.startsWith('"') ? [JSON.parse(each.slice(0, -2)) as string] : [])).join('')

describe('a sender', () => {
  test('gives a file and ends', () => {
    const { sender, input, says, told, outcome } = started()
    sender.offer({ name: '中 文', bytes: 5, mtime: 8 })
    expect(says()).toEqual([`ZFILE ${2 ** 24}`, `${JSON.stringify(Buffer.from('中 文\u00005 10 100644 0 1 5\0').toString('latin1'))} W`])
    input(hex(Frame.ZRPOS))
    expect(sender.write(Buffer.from('hello'))).toBe(true)
    expect(says()).toEqual(['ZDATA', '"hello" E', 'ZEOF 5'])
    input(ready)
    sender.endBatch()
    expect(says()).toEqual(['ZFIN'])
    input(hex(Frame.ZFIN), Buffer.from('$ '))
    expect(says()).toEqual(['OO'])
    expect(told).toEqual(['accepted 0', 'done'])
    expect(outcome()).toBe('finished "$ "')
  })
  test('gives an empty file', () => {
    const { says } = sending(0)
    expect(says()).toEqual([])
    const { sender, input, says: again, told } = started()
    sender.offer({ name: 'a', bytes: 0 })
    again()
    input(hex(Frame.ZRPOS), ready)
    expect(again()).toEqual(['ZEOF'])
    expect(told).toEqual(['accepted 0', 'done'])
  })
  test('goes on where the host has it already, to its very end', () => {
    const part = started()
    part.sender.offer({ name: 'a', bytes: 5 })
    part.says()
    part.input(hex(Frame.ZRPOS, 3))
    part.sender.write(Buffer.from('lo'))
    expect(part.told).toEqual(['accepted 3'])
    expect(part.says()).toEqual(['ZDATA 3', '"lo" E', 'ZEOF 5'])
  })
  test('goes back where the host asks, as far as it was not confirmed', () => {
    const { sender, sent, input, says } = sending(5000)
    sender.write(text(4000))
    expect(data(says())).toHaveLength(4000)
    input(hex(Frame.ZRPOS, 1000))
    // An empty subpacket ends the frame that the host may still be reading.
    expect(sent[0]?.subarray(0, 2)).toEqual(Uint8Array.of(0x18, 0x68))
    const again = says()
    expect(again[0]).toBe('ZDATA 1000')
    expect(data(again)).toBe(text(4000).subarray(1000).toString())
    input(hex(Frame.ZACK, 3000))
    input(hex(Frame.ZRPOS, 2999))
    expect(says()).toEqual(['cancel'])
  })
  test('takes the same question within half a second for one, and then answers again', () => {
    const { sender, input, says, clock } = sending(5000)
    sender.write(text(4000))
    says()
    for (let times = 0; times < 15; times += 1) input(hex(Frame.ZRPOS, 1000))
    expect(data(says())).toHaveLength(3000)
    clock.now += 499
    sender.tick()
    expect(says()).toEqual([])
    clock.now += 1
    sender.tick()
    expect(data(says())).toHaveLength(3000)
  })
  test('goes back from the end of the file', () => {
    const { sender, input, says } = sending(5)
    sender.write(Buffer.from('hello'))
    says()
    input(hex(Frame.ZRPOS, 2))
    expect(says()).toEqual(['ZDATA 2', '"llo" E', 'ZEOF 5'])
  })
  test.each([
    ['beyond the end of the file', 6],
    ['far beyond', 2 ** 32 - 1],
  ])('fails when the host wants to begin %s', (_, offset) => {
    const { sender, input, told, outcome } = started()
    sender.offer({ name: 'a', bytes: 5 })
    input(hex(Frame.ZRPOS, offset))
    expect(told).toEqual([])
    expect(outcome()).toBe('failed offset_wrong ""')
  })
  test('fails when the host asks for what was not sent yet', () => {
    const { input, outcome } = sending(500)
    input(hex(Frame.ZRPOS, 400))
    expect(outcome()).toBe('failed offset_wrong ""')
  })
  test('keeps a bounded part of the file that is not confirmed, and asks for more then', () => {
    const { sender, input, says, told } = sending(2 ** 31)
    let written = 0
    while (sender.write(new Uint8Array(64 * 1024))) expect((written += 64 * 1024)).toBeLessThanOrEqual(4 * 1024 * 1024)
    expect(data(says()).length).toBeLessThanOrEqual(64 * 1024)
    expect(told).toEqual([])
    input(hex(Frame.ZACK, 40_000))
    input(hex(Frame.ZACK, 48 * 1024))
    expect(told).toEqual([])
    for (let confirmed = 80_000; told.length === 0 && confirmed < 4e6; confirmed += 16_000) input(hex(Frame.ZACK, confirmed))
    expect(told).toEqual(['wants more'])
    expect(sender.write(new Uint8Array(10))).toBe(true)
  })
  test('sends nothing while the host has no room', () => {
    const { sender, state, says, told } = sending(200_000)
    state.room = false
    expect(sender.write(text(30_000))).toBe(false)
    const first = data(says()).length
    expect(first).toBeLessThanOrEqual(64 * 1024)
    state.room = true
    sender.hostRoom()
    expect(first + data(says()).length).toBe(30_000)
    expect(told).toEqual(['wants more'])
  })
  test('waits for a receiver with a small buffer, and for one that cannot do both at once', () => {
    for (const [flags, buffer, most] of [
      [usual, 4096, 4096],
      [Can.crc32, 0, 8192],
    ] as const) {
      const { sender, input, says } = sending(50_000, { flags, buffer })
      sender.write(text(50_000))
      const first = says()
      expect(data(first)).toHaveLength(most)
      expect(first.at(-1)).toMatch(/ W$/)
      input(hex(Frame.ZACK, most))
      const second = says()
      expect(second[0]).toBe(`ZDATA ${most}`)
      expect(data(second)).toHaveLength(most)
    }
  })
  test('escapes all controls where the host asks for it, and writes CRC-16 where it knows no other', () => {
    for (const flags of [Can.escapeControls, Can.escape8]) {
      const { sender, sent, says } = sending(256, { flags: usual | flags })
      sender.write(Uint8Array.from({ length: 256 }, (_, at) => at))
      const bytes = Buffer.concat(sent.slice(0, 1))
      expect([...bytes].filter((byte) => (byte & 0x7f) < 0x20 && byte !== 0x18)).toEqual([])
      expect(data(says())).toHaveLength(256)
    }
    const { sender, sent, says } = sending(3, { flags: Can.fullDuplex | Can.overlapIo })
    sender.write(Buffer.from('abc'))
    expect(Buffer.concat(sent.slice(0, 1)).subarray(0, 3).toString('latin1')).toBe('*\u0018A')
    expect(says().slice(0, 2)).toEqual(['ZDATA', '"abc" E'])
  })
  test('is told that a file is skipped, when offered and in the middle', () => {
    const { sender, input, says, told } = started()
    sender.offer({ name: 'a', bytes: 5 })
    input(hex(Frame.ZSKIP))
    sender.offer({ name: 'b', bytes: 5 })
    input(hex(Frame.ZRPOS))
    sender.write(Buffer.from('he'))
    input(hex(Frame.ZSKIP))
    expect(told).toEqual(['skipped', 'accepted 0', 'skipped'])
    says()
    sender.endBatch()
    expect(says()).toEqual(['ZFIN'])
  })
  test('answers that a file it cannot look at differs', () => {
    const { sender, input, says } = started()
    sender.offer({ name: 'a', bytes: 5 })
    says()
    input(hex(Frame.ZCRC, 3))
    expect(says()).toEqual(['ZCRC'])
  })
  test('refuses what it cannot carry, before it says a word', () => {
    const { sender, says } = started(usual, 0, { maxFiles: 1 })
    expect(() => sender.offer({ name: 'big', bytes: 2 ** 32 })).toThrow('4 GiB')
    expect(says()).toEqual([])
    sender.offer({ name: 'a', bytes: 0 })
    expect(() => sender.offer({ name: 'b', bytes: 0 })).toThrow('not done')
  })
  test('refuses more files than it may give', () => {
    const { sender, input } = started(usual, 0, { maxFiles: 1 })
    sender.offer({ name: 'a', bytes: 0 })
    input(hex(Frame.ZSKIP))
    expect(() => sender.offer({ name: 'b', bytes: 0 })).toThrow('At most 1')
  })
  test('refuses more bytes than were announced', () => {
    const { sender } = sending(5)
    expect(() => sender.write(Buffer.from('hello!'))).toThrow('more bytes')
  })
  test.each([
    ['ends early', hex(Frame.ZFIN), 'host_file_error'],
    ['cannot write', hex(Frame.ZFERR), 'host_file_error'],
    ['gives up', hex(Frame.ZABORT), 'host_file_error'],
    ['cancels', cancelSequence, 'host_file_error'],
    ['wants a command run', hex(Frame.ZCOMMAND), 'file_refused'],
  ])('fails when the host %s', (_, bytes, code) => {
    const { input, outcome } = sending(500)
    input(bytes, Buffer.from('$ '))
    expect(outcome()).toBe(`failed ${code} "$ "`)
  })
  test('says its file again to a silent host, and then fails', () => {
    const { sender, says, clock, outcome } = started()
    sender.offer({ name: 'a', bytes: 5 })
    for (clock.now = 0; clock.now < 59_000; clock.now += 1000) sender.tick()
    expect(says().filter((each) => each.startsWith('ZFILE'))).toHaveLength(6)
    clock.now = 61_000
    sender.tick()
    expect(outcome()).toBe('failed host_timeout ""')
  })
  test('fails when what was sent is not confirmed for a minute, but waits for its own source', () => {
    const slow = sending(500_000)
    slow.sender.write(text(10_000))
    for (slow.clock.now = 0; slow.clock.now < 1_000_000; slow.clock.now += 1000) slow.sender.tick()
    expect(slow.outcome()).toBe('still talking')
    const stuck = sending(500_000)
    stuck.sender.write(text(100_000))
    for (stuck.clock.now = 0; stuck.clock.now < 70_000; stuck.clock.now += 1000) stuck.sender.tick()
    expect(stuck.outcome()).toBe('failed host_timeout ""')
  })
  test('gives up on a host that only repeats itself', () => {
    for (const useless of [hex(Frame.ZACK, 77), hex(Frame.ZNAK), hex(Frame.ZRINIT), hex(Frame.ZCOMPL)]) {
      const { input, outcome } = sending(500)
      for (let times = 0; times < 100; times += 1) input(useless)
      expect(outcome()).toContain('failed host_protocol_error')
    }
  })
  test('cancels within a second, started or not', () => {
    for (const isStarted of [true, false]) {
      const { sender, sent, input, outcome } = makeSender()
      if (isStarted) sender.start(init())
      sender.cancel()
      expect(sent).toEqual([cancelSequence])
      input(Buffer.from('\u0018\u0018\u0018\u0018\u0018\b\b\b\b\b$ '))
      expect(outcome()).toBe('cancelled "$ "')
    }
  })
})
