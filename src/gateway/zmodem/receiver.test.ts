import { describe, expect, test } from 'vitest'
import { cancelSequence, Frame, SubpacketEnd } from './frame.ts'
import { frameWithData } from './header-writer.ts'
import { dataFrame, fileFrame, hex, makeReceiver } from './test-joined.ts'

const five = fileFrame('a.bin\u00005 0 0 0 1 5')
const zeof = (offset: number) => hex(Frame.ZEOF, offset)
const fin = hex(Frame.ZFIN)
const started = (options?: Parameters<typeof makeReceiver>[0]) => {
  const joined = makeReceiver(options)
  joined.receiver.start()
  joined.says()
  return joined
}

describe('a receiver', () => {
  test('says nothing before it is started, and then what it can', () => {
    const { receiver, sent, says } = makeReceiver()
    expect(sent).toEqual([])
    receiver.start()
    expect(says()).toEqual([`ZRINIT ${0x23000000}`])
  })
  test('takes a file and gives back what stands behind the end', () => {
    const { input, says, state, told, outcome } = started()
    input(five, dataFrame(0, 'hello'), zeof(5), fin, Buffer.from('OO$ '))
    expect(says()).toEqual(['ZRPOS', `ZRINIT ${0x23000000}`, 'ZFIN'])
    expect(told).toEqual(['offered a.bin', 'ended'])
    expect(state.data).toBe('hello')
    expect(outcome()).toBe('finished "$ "')
  })
  test.each([
    ['OO', ''],
    ['', ''],
    ['$ ls', '$ ls'],
    ['O', ''],
    ['O$', '$'],
    ['OOOO', 'OO'],
  ])('ends with %j, of which the terminal gets %j', (behind, rest) => {
    const { input, outcome } = started()
    input(fin, Buffer.from(behind))
    expect(outcome()).toBe(`finished ${JSON.stringify(rest)}`)
  })
  test('acknowledges what asks for it, and nothing else', () => {
    const { input, says, state } = started()
    input(fileFrame('a\u000012'), dataFrame(0, 'abc', SubpacketEnd.ZCRCW), dataFrame(3, 'def', SubpacketEnd.ZCRCE), dataFrame(6, 'ghi', SubpacketEnd.ZCRCQ))
    expect(says()).toEqual(['ZRPOS', 'ZACK 3', 'ZACK 9'])
    expect(state.data).toBe('abcdefghi')
  })
  test('asks again from where something was wrong, and takes nothing twice', () => {
    const { input, says, state, told } = started()
    const wrong = dataFrame(2, 'llo')
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] ?? 0) ^ 1
    input(five, dataFrame(0, 'he'), wrong)
    expect(says()).toEqual(['ZRPOS', 'ZRPOS 2'])
    input(dataFrame(0, 'hell'), dataFrame(1, 'ello'))
    expect(state.data).toBe('hello')
    input(dataFrame(5, 'more of it'))
    expect(told).toEqual(['offered a.bin'])
  })
  test('passes over data that begins too late, and an end that was said before', () => {
    const { input, says, state, told } = started()
    input(five, dataFrame(3, 'lo'), zeof(5))
    expect(says()).toEqual(['ZRPOS', 'ZRPOS', 'ZRPOS'])
    input(dataFrame(0, 'hello'), zeof(3))
    expect(told).toEqual(['offered a.bin'])
    input(zeof(5))
    expect(told).toEqual(['offered a.bin', 'ended'])
    expect(state.data).toBe('hello')
  })
  test('resumes where its owner says', () => {
    const { receiver, input, says, state } = started({ accepts: false })
    input(five)
    expect(() => receiver.accept(6)).toThrow('shorter')
    receiver.accept(3)
    input(dataFrame(3, 'lo'), zeof(5))
    expect(says()).toEqual(['ZRPOS 3', `ZRINIT ${0x23000000}`])
    expect(state.data).toBe('lo')
  })
  test('goes on with the next when one is skipped, also in the middle', () => {
    const { receiver, input, says, state } = started({ accepts: false })
    input(five)
    receiver.skip()
    input(fileFrame('b\u00005'))
    receiver.accept()
    input(dataFrame(0, 'hel', SubpacketEnd.ZCRCG))
    receiver.skip()
    expect(says()).toEqual(['ZSKIP', 'ZRPOS', 'ZSKIP'])
    input(dataFrame(0, 'late'), fileFrame('c\u00000'))
    receiver.accept()
    input(zeof(0), fin)
    expect(state.data).toBe('hel')
    expect(state.file?.name).toBe('c')
  })
  test('keeps `sz` waiting while its owner thinks, and does not mind the same offer again', () => {
    const { receiver, input, says, clock, told } = started({ accepts: false })
    input(five)
    for (let seconds = 0; seconds < 300; seconds += 1) {
      clock.now += 1000
      receiver.tick()
      if (seconds % 20 === 0) input(five)
    }
    expect(says().length).toBeGreaterThanOrEqual(14)
    receiver.accept()
    expect(says()).toEqual(['ZRPOS'])
    expect(told).toEqual(['offered a.bin'])
  })
  test.each([
    ['../../etc/passwd', 'offered passwd'],
    ['/abs/olute', 'offered olute'],
    ['a\u001b[31m\r\nb', 'offered a_[31m__b'],
    ['\u202Egpj.exe', 'offered _gpj.exe'],
    ['CON', 'offered _CON'],
    ['x'.repeat(5000), `offered ${'x'.repeat(255)}`],
    ['..', 'refused  file_name_unsafe'],
    ['dir/', 'refused  file_name_unsafe'],
  ])('makes %j safe or does not take it', (name, expected) => {
    const { input, told } = started()
    input(fileFrame(`${name}\u00005`))
    expect(told).toEqual([expected])
  })
  test('refuses 4 GiB and more before it starts, and takes the next', () => {
    const { input, told, says } = started()
    input(fileFrame(`big\u0000${2 ** 32}`), fileFrame(`bigger\u0000${2 ** 52}`), fileFrame(`fits\u0000${2 ** 32 - 1}`))
    expect(told).toEqual(['refused big file_too_large', 'refused bigger file_too_large', 'offered fits'])
    expect(says()).toEqual(['ZSKIP', 'ZSKIP', 'ZRPOS'])
  })
  test.each([
    ['more than was announced', [dataFrame(0, 'hello!')], 'file_changed'],
    ['less than was announced', [dataFrame(0, 'hell'), zeof(4)], 'file_changed'],
    ['the end of all before its end', [dataFrame(0, 'hell'), fin], 'host_file_error'],
    ['a command to run', [frameWithData(Frame.ZCOMMAND, 0, Buffer.from('rm -rf ~\0'), SubpacketEnd.ZCRCW)], 'file_refused'],
    ['that it cannot read on', [hex(Frame.ZFERR)], 'host_file_error'],
    ['that it gives up', [hex(Frame.ZABORT)], 'host_file_error'],
  ])('fails when the host sends %s', (_, frames, code) => {
    const { input, outcome, told } = started()
    input(five, ...frames)
    expect(told).not.toContain('ended')
    expect(outcome()).toBe(`failed ${code} ""`)
  })
  test('fails for a file without a name', () => {
    const { input, outcome } = started()
    input(fileFrame('\u00005'))
    expect(outcome()).toBe('failed host_protocol_error ""')
  })
  test('fails for more files than it may take, counted or announced', () => {
    const many = started({ maxFiles: 3, accepts: false })
    for (let count = 0; count < 4; count += 1) {
      many.input(fileFrame(`f${count}\u00000`))
      many.receiver.skip()
    }
    expect(many.told).toHaveLength(3)
    expect(many.outcome()).toBe('failed too_many_files ""')
    const announced = started()
    announced.input(fileFrame('f\u00000 0 0 0 100000 0'))
    expect(announced.told).toEqual([])
    expect(announced.outcome()).toBe('failed too_many_files ""')
  })
  test('never sends what the host wants typed, but Ctrl-C', () => {
    for (const [attention, isSent] of [
      ['\u0003', true],
      ['\u0003\u00de', true],
      ['rm -rf ~\r', false],
      ['\u0003rm\r', false],
      ['\u0004', false],
    ] as const) {
      const { input, sent, says } = started()
      input(frameWithData(Frame.ZSINIT, 0, Buffer.from(`${attention}\0`, 'latin1'), SubpacketEnd.ZCRCW), five)
      expect(says()).toEqual(['ZACK 1', 'ZRPOS'])
      input(dataFrame(2, 'x'))
      expect(sent.map((bytes) => Buffer.from(bytes).toString('latin1')).filter((text) => !text.startsWith('**'))).toEqual(isSent ? ['\u0003'] : [])
    }
  })
  test('hears five CAN anywhere, cut anywhere, and says nothing more', () => {
    const before = Buffer.concat([five, dataFrame(0, 'hel', SubpacketEnd.ZCRCG)])
    for (const place of [5, 15, before.length - 3, before.length]) {
      const { input, says, outcome } = started()
      const bytes = Buffer.concat([before.subarray(0, place), Buffer.alloc(10, 0x18), Buffer.alloc(10, 8), Buffer.from('\r\n$ ')])
      for (const byte of bytes) input(Uint8Array.of(byte))
      expect(says().filter((each) => each !== 'ZRPOS')).toEqual([])
      expect(outcome()).toBe('failed host_file_error "\\r\\n$ "')
    }
    const four = started()
    four.input(Buffer.alloc(4, 0x18), Buffer.from('x'), Buffer.alloc(4, 0x18), five)
    expect(four.told).toEqual(['offered a.bin'])
  })
  test('cancels within a second, started or not, and gives the prompt back', () => {
    for (const isStarted of [true, false]) {
      const { receiver, sent, input, outcome, clock, told } = makeReceiver()
      if (isStarted) receiver.start()
      sent.splice(0)
      receiver.cancel()
      expect(sent).toEqual([cancelSequence])
      input(five, dataFrame(0, 'hello'), Buffer.from('\r\n$ '))
      expect(told).toEqual([])
      expect(outcome()).toMatch(/^cancelled ".*\$ "$/)
      expect(clock.now).toBeLessThan(1000)
    }
  })
  test('asks a silent host five times, ten seconds apart, and then fails', () => {
    const { receiver, input, says, clock, outcome } = started()
    input(five)
    says()
    for (clock.now = 0; clock.now < 59_000; clock.now += 1000) receiver.tick()
    expect(says()).toEqual(['ZRPOS', 'ZRPOS', 'ZRPOS', 'ZRPOS', 'ZRPOS'])
    clock.now = 61_000
    receiver.tick()
    expect(outcome()).toBe('failed host_timeout ""')
  })
  test('does not take its own pause for silence of the host', () => {
    const { receiver, input, clock, says } = started()
    input(five)
    receiver.pause()
    says()
    clock.now = 1_000_000
    receiver.tick()
    receiver.resume()
    receiver.tick()
    expect(says()).toEqual([])
  })
  test('gives up on a host that only repeats itself', () => {
    for (const useless of [hex(Frame.ZRQINIT), hex(Frame.ZNAK), hex(Frame.ZCHALLENGE), hex(Frame.ZFREECNT), hex(Frame.ZACK), dataFrame(3, 'x'), zeof(1)]) {
      const { input, says, outcome } = started()
      input(five)
      for (let times = 0; times < 100; times += 1) input(useless)
      expect(says().length).toBeLessThan(60)
      expect(outcome()).toContain('failed host_protocol_error')
    }
  })
  test('does not answer a challenge', () => {
    const { input, says } = started()
    input(hex(Frame.ZCHALLENGE, 12345))
    expect(says()).toEqual([])
  })
})
