import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Emulator } from './emulator.ts'
import { maxRedrawBytes } from './redraw.ts'
import { randomStream } from './test-random-stream.ts'
import { stateOf } from './test-terminal-state.ts'

const recordings = new URL('../../../test/recordings/', import.meta.url)

const resizeMark = new RegExp(`${String.fromCharCode(0x1b)}\\[8;(\\d+);(\\d+)t`, 'g')

type Step = { resize: { cols: number; rows: number } } | { bytes: Buffer }

/** A recording is the bytes of a program; where its window was resized stands `CSI 8 ; rows ; cols t`. */
function stepsOf(raw: Buffer): Step[] {
  const steps: Step[] = []
  let from = 0
  const text = raw.toString('latin1')
  for (const mark of text.matchAll(resizeMark)) {
    steps.push({ bytes: raw.subarray(from, mark.index) }, { resize: { rows: Number(mark[1]), cols: Number(mark[2]) } })
    from = mark.index + mark[0].length
  }
  return [...steps, { bytes: raw.subarray(from) }]
}

/** Small and repeatable. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Plays the steps; at each cut a terminal that is made from the redraw string must be like the first, then and at the next cuts. */
function play(steps: Step[], cuts: number, pick: (below: number) => number, size = { cols: 80, rows: 24 }): void {
  const total = steps.reduce((sum, step) => sum + ('bytes' in step ? step.bytes.length : 0), 0)
  const places = new Set(Array.from({ length: cuts }, () => pick(total + 1)))
  const all = new Emulator(size)
  let others: { emulator: Emulator; left: number; cut: number }[] = []
  let offset = 0
  const cut = () => {
    const state = stateOf(all)
    for (const other of others) {
      expect(stateOf(other.emulator, false), `made at ${other.cut}, looked at at ${offset}`).toEqual(stateOf(all, false))
      if (--other.left === 0) other.emulator.dispose()
    }
    others = others.filter((other) => other.left > 0)
    const made = new Emulator(all.size, all.redraw())
    expect(stateOf(made), `made at ${offset}`).toEqual(state)
    others.push({ emulator: made, left: 4, cut: offset })
  }
  for (const step of steps) {
    if ('resize' in step) {
      for (const { emulator } of [{ emulator: all }, ...others]) emulator.resize(step.resize)
      continue
    }
    for (let from = 0; from < step.bytes.length;) {
      let to = from + 1
      while (to < step.bytes.length && !places.has(offset + to - from)) to += 1
      for (const { emulator } of [{ emulator: all }, ...others]) emulator.write(step.bytes.subarray(from, to))
      offset += to - from
      from = to
      if (places.has(offset)) cut()
    }
  }
  cut()
}

const names = readdirSync(recordings).filter((name) => name.endsWith('.raw'))
test('there are recordings of real programs', () => expect(names.length).toBeGreaterThanOrEqual(7))
test.each(names)('redraws %s exactly, wherever it is cut', (name) => {
  play(stepsOf(readFileSync(new URL(name, recordings))), 60, random(name.length))
})

const hand: Record<string, string> = {
  'an unfinished title': 'a\x1b]2;a title that ends late\x07b\x1b]0;another\x1b\\c',
  'a line feed within a sequence': 'ab\x1b[3\n1mX\x1b[\r2Cy',
  'characters of several bytes': 'é行👍e\u0301👨‍👩‍👧🇫🇷!❤️?',
  'C1 controls': 'a\u009b31mb\u009d2;title\u009cc\u0090$qm\u009cd\u009fapc\u009ce',
  'a margin that waits to wrap': `${'x'.repeat(20)}y\r\n${'行'.repeat(10)}z\r\n${'a'.repeat(19)}行b\x1b[2;20Hq\x1b[1mr`,
  'a scroll region': 'top\r\n1\r\n2\r\n3\r\nlow\x1b[2;4r\x1b[4;1Hnew\nnewer\n\x1b[2;1H\x1bM\x1b[3L\x1b[Mend\x1b[r',
  'origin mode': '\x1b[2;4r\x1b[?6h\x1b[1;1Hin\x1b[3;3Hside\n\x1b[2;2Hx\x1b[?6l\x1b[5;1Hout',
  'no automatic wrap': `\x1b[?7l${'n'.repeat(25)}m\x1b[?7h${'o'.repeat(25)}`,
  'insert mode': 'some words\x1b[1;3H\x1b[4hin行e\u0301\x1b[1;19Hyz\x1b[4l!\x1b[2P\x1b[1;2H\x1b[3@',
  'tab stops': '\x1b[3g\x1b[1;4H\x1bH\x1b[1;11H\x1bH\r\ta\tb\tc\x1b[1;4H\x1b[g\r\td',
  'line drawing': '\x1b(0lqqk\x1b(B a\x1b)0b\x0eqx\x0fc\x1b7\x1b(0\x1b8q\x0eq\x1b*Aq\x1bn#\x0f',
  'a saved cursor': '\x1b[3;5H\x1b[1;31mhi\x1b7\x1b[m\x1b[1;1Hx\x1b8y\x1b[?1049hAlt\x1b[2;2H\x1b[4m\x1b7\x1b[mz\x1b8w\x1b[?1049lback',
  'both screens': 'normal\x1b[41m\x1b[2J\x1b[5;2Ha\x1b[2;4r\x1b[?1049h\x1b[44m\x1b[K\x1b[3;3Halt\x1b[?1049lb\x1b[?47hc\x1b[?1047ld',
  'repeated characters': 'a\x1b[3b行\x1b[2be\u0301\x1b[2b\x1b[3b',
  underlines: '\x1b[4mx\x1b[4:3my\x1b[58;5;9mz\x1b[58:2::1:2:3mw\x1b[59mv\x1b[24mu\x1b[21mt\x1b[m\x1b[58;5;3ms\x1b[4mr',
  'guarded cells': 'a\x1b[1"qb\x1b[mc\x1b[0"qd\x1b[1"q\x1b[?2J',
  links: 'a\x1b]8;;http://one.example/\x07link\x1b[4mline\x1b]8;id=k;http://two.example/?a;b\x07two\x1b]8;;\x07c',
  modes: '\x1b[?1h\x1b=\x1b[?2004h\x1b[?45h\x1b[?1004h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[?12h\x1b[5 q\x1b[20hx\ny\x1b[?1016h\x1b[?1003h\x1b[2 q',
  'a title that is put back': '\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07\x1b[22;2t\x1b]2;three\x07\x1b[23;0tx\x1b[23;0t',
  'a reset': 'a\x1b[31m\x1b[2;3rb\x1b[?6h\x1b[4h\x1bcd\x1b[?25l\x1b[!pe',
}
test.each(Object.keys(hand))('goes on after each byte of %s', (name) => {
  const bytes = Buffer.from(hand[name] ?? '')
  const all = new Emulator({ cols: 20, rows: 5 })
  const whole = new Emulator(all.size)
  whole.write(bytes)
  for (let cut = 0; cut < bytes.length; cut += 1) {
    const made = new Emulator(all.size, all.redraw())
    expect(stateOf(made), `made at ${cut}`).toEqual(stateOf(all))
    made.write(bytes.subarray(cut))
    expect(stateOf(made), `made at ${cut}, at the end`).toEqual(stateOf(whole))
    all.write(bytes.subarray(cut, cut + 1))
  }
})

test.each(Array.from({ length: 25 }, (_, seed) => seed))('redraws whatever a host sends (%i)', (seed) => {
  const pick = random((seed + 1) * 7919)
  const [cols, rows] = [2 + pick(60), 2 + pick(15)]
  play([{ bytes: Buffer.from(randomStream(pick, 1000), 'utf8') }], 25, pick, { cols, rows })
})

test('keeps within 2 MiB: attributes go first, then rows from the top', () => {
  const size = { cols: 1000, rows: 300 }
  const colours = new Emulator(size)
  for (let row = 0; row < 300; row += 1) for (let col = 0; col < 1000; col += 1) colours.write(Buffer.from(`\x1b[38;2;${row % 256};${col % 256};7m${col % 10}`))
  const made = new Emulator(size, colours.redraw())
  expect(colours.redraw().length).toBeLessThan(maxRedrawBytes)
  expect(Buffer.from(colours.redraw()).includes('\x1b[0;7;38')).toBe(false)
  expect(made.terminal.buffer.active.getLine(0)?.translateToString()).toBe(colours.terminal.buffer.active.getLine(0)?.translateToString())
  const large = new Emulator({ cols: 1000, rows: 1000 })
  large.write(Buffer.from('👍'.repeat(499_999)))
  const text = large.redraw()
  expect(text.length).toBeLessThan(maxRedrawBytes)
  const again = new Emulator(large.size, text)
  expect(again.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('')
  expect(again.terminal.buffer.active.getLine(998)?.translateToString()).toBe(large.terminal.buffer.active.getLine(998)?.translateToString())
})

test('does not keep what a hostile host makes a terminal keep', () => {
  const emulator = new Emulator({ cols: 80, rows: 24 })
  emulator.write(Buffer.from('before'))
  for (let sent = 0; sent < 40; sent += 1) emulator.write(Buffer.from(`${sent === 0 ? '\x1b]2;' : ''}${'t'.repeat(60_000)}`))
  expect(emulator.redraw().length).toBeLessThan(70_000)
  emulator.write(Buffer.from('\x07after'))
  expect(emulator.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('beforeafter')
  for (let sent = 0; sent < 50; sent += 1) emulator.write(Buffer.from('\r\x1b]8;;http://a.example/\x07x'.repeat(1000)))
  emulator.write(Buffer.from(`\x1b[2Je${'\u0301'.repeat(100_000)}`))
  expect(emulator.redraw().length).toBeLessThan(10_000)
})
