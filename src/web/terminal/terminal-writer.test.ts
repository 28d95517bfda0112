// With the emulator itself, without a page: what it says back is what a host would hear.
import { Terminal } from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { HostAnswers } from './host-answers.ts'
import { TerminalWriter } from './terminal-writer.ts'

const colors = { palette: () => '#000000', foreground: () => '#000000', background: () => '#000000', cursor: () => '#000000' }
const encoder = new TextEncoder()

function made(isWatching = false) {
  const terminal = new Terminal({ cols: 20, rows: 5, allowProposedApi: true })
  const answers = new HostAnswers(terminal, colors)
  const said: string[] = []
  terminal.onData((text) => said.push(text))
  const writer = new TerminalWriter(terminal, (silent) => (answers.silent = silent), isWatching)
  const parsed: number[] = []
  let end = 0
  return {
    terminal,
    writer,
    said,
    parsed,
    from(offset: number) {
      end = offset
    },
    output(text: string) {
      const bytes = encoder.encode(text)
      end += bytes.length
      writer.output(bytes, end, (offset) => parsed.push(offset))
    },
    done: () => new Promise<void>((resolve) => writer.act(() => resolve())),
    line: (y: number) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + y)?.translateToString(true),
  }
}

const questions = 'a\u001b[6nb\u001b[cc\u001b[>c\u001b[5n\u001b[?1004h\u001b]11;?\u0007'

describe('output that another terminal has answered', () => {
  it('is not answered again, to the byte', async () => {
    for (let cut = 0; cut <= questions.length; cut++) {
      const { writer, said, output, done } = made()
      writer.begin(0, questions.length)
      output(questions.slice(0, cut))
      output(`${questions.slice(cut)}\u001b[5n`)
      await done()
      expect(said, `cut at ${cut}`).toEqual(['\u001b[0n'])
    }
  })
  it('ends where the other terminal stood, within one piece of output', async () => {
    const { writer, said, output, done, parsed } = made()
    writer.begin(0, 4)
    output('\u001b[5n\u001b[6n')
    await done()
    expect(said).toEqual(['\u001b[1;1R'])
    expect(parsed).toEqual([4, 8])
  })
  it('does not keep what a person types while it is parsed', async () => {
    const { terminal, writer, said, output, done } = made()
    writer.begin(0, 1000)
    output('\u001b[6n')
    terminal.input('typed')
    terminal.input('\u001b[A')
    await done()
    expect(said).toEqual(['typed', '\u001b[A'])
  })
  it('is all output for somebody who watches', async () => {
    const { writer, said, output, done } = made(true)
    writer.begin(0, 0)
    output(questions)
    await done()
    expect(said).toEqual([])
  })
})

describe('a screen', () => {
  it('stands in order with the output before and behind it, in its own size, whatever sequence was begun', async () => {
    const { terminal, writer, output, done, line, parsed, said, from } = made()
    writer.begin(0, 0)
    output('before\u001b[31mred\u001b]0;a title that never ends')
    const order: string[] = []
    writer.screen(
      { offset: 5000, cols: 30, rows: 6, text: encoder.encode('\u001b[?1004hdrawn') },
      (offset) => order.push(`parsed ${offset}`),
      () => order.push(`drawn ${terminal.cols}x${terminal.rows}`),
    )
    from(5000)
    output('+behind\u001b[5n')
    await done()
    expect(line(0)).toBe('drawn+behind')
    expect(terminal.cols).toBe(30)
    expect(order).toEqual(['drawn 30x6', 'parsed 5000'])
    expect(parsed.at(-1)).toBe(5011)
    expect(said).toEqual(['\u001b[0n'])
  })
  it('follows a screen', async () => {
    const { writer, output, done, line } = made()
    const none = () => undefined
    writer.screen({ offset: 10, cols: 20, rows: 5, text: encoder.encode('first') }, none, none)
    output('lost')
    writer.screen({ offset: 20, cols: 20, rows: 5, text: encoder.encode('second') }, none, none)
    output('!')
    await done()
    expect(line(0)).toBe('second!')
  })
})

describe('a flood', () => {
  it('looks as it does when it is written at once, however it was cut', async () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `${at} \u001b[3${at % 8}m文字 🚪 é\u001b[0m ${'x'.repeat(at % 30)}\r\n`).join('')
    const bytes = encoder.encode(`${text}the end`)
    const whole = new Terminal({ cols: 20, rows: 5, allowProposedApi: true, scrollback: 300 })
    await new Promise<void>((resolve) => whole.write(bytes, resolve))
    const { terminal, writer, parsed, done } = made()
    terminal.options.scrollback = 300
    writer.begin(0, 0)
    for (let at = 0, step = 1; at < bytes.length; step = (step * 31 + 7) % 50_021) {
      const piece = bytes.subarray(at, at + step)
      at += piece.length
      writer.output(piece, at, (offset) => parsed.push(offset))
      if (step % 3 === 0) await new Promise((resolve) => setTimeout(resolve, step % 5))
    }
    await done()
    const lines = (shown: Terminal) => Array.from({ length: shown.buffer.active.length }, (_, y) => shown.buffer.active.getLine(y)?.translateToString())
    expect(lines(terminal)).toEqual(lines(whole))
    expect(parsed.at(-1)).toBe(bytes.length)
    expect(parsed.length).toBeLessThan(bytes.length / 25_000)
  })
  it('is parsed before a change of size and a screen that come behind it', async () => {
    const { writer, terminal, parsed, output, done, line } = made()
    writer.begin(0, 0)
    for (let at = 0; at < 64; at += 1) output('y\r\n'.repeat(4000))
    const before = 64 * 12_000
    let seen = 0
    writer.act(() => (seen = parsed.at(-1) ?? 0))
    output('behind it')
    await done()
    expect(seen).toBe(before)
    expect(line(4)).toBe('behind it')
    terminal.dispose()
  })
})

describe('bytes that are no UTF-8', () => {
  it('show as U+FFFD, and a character that is cut over packets shows whole', async () => {
    const { terminal, writer, done, line } = made()
    const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0xff, 0xc0, 0xaf]), Buffer.from('文🚪b')])
    for (let at = 0; at < bytes.length; at++) writer.output(bytes.subarray(at, at + 1), at + 1, () => {})
    await done()
    expect(line(0)).toBe('a\uFFFD\uFFFD\uFFFD文🚪b')
    terminal.dispose()
  })
  it('keep a character that ASCII follows from being lost', async () => {
    const { writer, done, line } = made()
    const pieces = [Uint8Array.of(0xe6, 0x96), encoder.encode('ab'), encoder.encode('c'), Uint8Array.of(0xe6), Uint8Array.of(0x96, 0x87), encoder.encode('d')]
    let end = 0
    for (const piece of pieces) writer.output(piece, (end += piece.length), () => {})
    await done()
    expect(line(0)).toBe('\uFFFDabc文d')
  })
  it('before a screen do not reach into it', async () => {
    const { writer, done, line } = made()
    writer.output(Uint8Array.of(0x61, 0xe6), 2, () => {})
    writer.screen(
      { offset: 100, cols: 20, rows: 5, text: encoder.encode('drawn') },
      () => {},
      () => {},
    )
    writer.output(encoder.encode('!'), 101, () => {})
    await done()
    expect(line(0)).toBe('drawn!')
  })
})
