import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionEvent, SessionOpening } from '#session/event.ts'
import { castHeader, CastWriter, lineText } from './cast.ts'
import { readCastEvent, readCastHeader } from './cast-line.ts'
import { exportRaw, exportText, exportV2 } from './export.ts'
import { linesOf } from './reader.ts'

const opening: SessionOpening = {
  session: 'se_aaaaaaaaaaaaaaaaaaaaaaaa',
  startedAt: 1_700_000_000_123,
  size: { cols: 80, rows: 24 },
  term: 'xterm-256color',
  title: 'root@web1 "q" 日本',
}

function castOf(events: SessionEvent[]): string {
  const writer = new CastWriter()
  return castHeader(opening) + events.flatMap((event) => [...writer.write(event)].map(lineText)).join('')
}
async function* lines(cast: string): AsyncGenerator<string> {
  yield* linesOf(Buffer.from(cast))
}
async function all(parts: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const part of parts) chunks.push(Buffer.from(part))
  return Buffer.concat(chunks)
}
function outputs(chunks: Uint8Array[], stepMs = 10): SessionEvent[] {
  let offset = 0
  return chunks.map((bytes, index) => {
    const event = { kind: 'output', atMs: (index + 1) * stepMs, offset, bytes } as const
    offset += bytes.length
    return event
  })
}
const endAt = (atMs: number, offset: number, exitStatus?: number): SessionEvent => ({
  kind: 'end',
  atMs,
  offset,
  end: { reason: 'exited', message: 'The shell ended.', at: 0, ...(exitStatus === undefined ? {} : { exitStatus }) },
})
const codes = (cast: string) => [...linesOf(Buffer.from(cast))].slice(1).map((line) => readCastEvent(line)?.code)

describe('asciicast v3', () => {
  it('writes the header of the session', () => {
    expect(readCastHeader(castHeader({ ...opening, shell: '/bin/zsh' }).trimEnd())).toEqual({
      version: 3,
      term: { cols: 80, rows: 24, type: 'xterm-256color' },
      timestamp: 1_700_000_000,
      title: 'root@web1 "q" 日本',
      env: { TERM: 'xterm-256color', SHELL: '/bin/zsh' },
    })
  })

  it('gives any bytes in any chunks back exactly', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => Buffer.from(value.toWellFormed()))
    const part = fc.oneof(
      text,
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 }), async (parts, sizes) => {
        const bytes = Buffer.concat(parts)
        const chunks: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        const cast = castOf([...outputs(chunks), endAt(1e6, bytes.length, 0)])
        expect((await all(exportRaw(lines(cast)))).equals(bytes)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps a character whole that arrives byte by byte', () => {
    const bytes = Buffer.from('a€😀中')
    const cast = castOf(outputs([...bytes].map((byte) => Uint8Array.of(byte))))
    expect(codes(cast)).toEqual(['o', 'o', 'o', 'o'])
    expect(cast).toContain('"😀"')
  })

  it('puts the true bytes before what only looks like them, and no more than 1 KiB of them', () => {
    const bytes = Buffer.concat([Buffer.from('ä'.repeat(5000)), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('ö'.repeat(5000))])
    const cast = castOf(outputs([bytes]))
    const events = [...linesOf(Buffer.from(cast))].slice(1).map((line) => readCastEvent(line))
    const broken = events.findIndex((event) => event?.code === 'b')
    expect(events.filter((event) => event?.code === 'b')).toHaveLength(1)
    expect(Buffer.from(events[broken]?.data ?? '', 'base64').length).toBeLessThanOrEqual(1024)
    expect(events[broken + 1]).toMatchObject({ code: 'o', intervalMs: 0 })
    expect(events[broken + 1]?.data).toContain('\ufffd')
  })

  it('does not take a genuine U+FFFD for broken bytes, and keeps a byte order mark', async () => {
    const bytes = Buffer.from('\ufeffx\ufffd')
    const cast = castOf(outputs([bytes]))
    expect(codes(cast)).toEqual(['o'])
    expect((await all(exportRaw(lines(cast)))).equals(bytes)).toBe(true)
  })

  it('carries the rounding error on, so that long sessions do not drift', () => {
    const cast = castOf(
      outputs(
        Array.from({ length: 10_000 }, () => Buffer.from('x')),
        0.4,
      ),
    )
    const sum = [...linesOf(Buffer.from(cast))].slice(1).reduce((total, line) => total + (readCastEvent(line)?.intervalMs ?? 0), 0)
    expect(Math.abs(sum - 4000)).toBeLessThanOrEqual(1)
  })

  it('writes resize, marker and exit; without an exit status the sentence that the operator read', () => {
    const resize: SessionEvent = { kind: 'resize', atMs: 5, offset: 0, size: { cols: 100, rows: 30 } }
    const cast = castOf([resize, { kind: 'marker', atMs: 6, offset: 0, label: 'here' }, endAt(1234.6, 0, 3)])
    expect(cast.split('\n').slice(1)).toEqual(['[0.005, "r", "100x30"]', '[0.001, "m", "here"]', '[1.229, "x", "3"]', ''])
    expect(castOf([endAt(10, 0)])).toContain('[0.010, "m", "The shell ended."]')
  })

  it('writes a half character at the end as bytes', async () => {
    const cast = castOf([...outputs([Buffer.from([0x61, 0xe2, 0x82])]), endAt(50, 3, 0)])
    expect(codes(cast)).toEqual(['o', 'b', 'o', 'x'])
    expect([...(await all(exportRaw(lines(cast))))]).toEqual([0x61, 0xe2, 0x82])
  })
})

describe('exports', () => {
  it('v2 has absolute times and the same header fields, and only codes that old readers know', async () => {
    const events = [
      ...outputs([Buffer.from('one'), Buffer.from([0xff])], 1500),
      { kind: 'resize', atMs: 4000, offset: 4, size: { cols: 90, rows: 20 } } as const,
      endAt(5000, 4, 0),
    ]
    const v2 = (await all(exportV2(lines(castOf(events))))).toString().trimEnd().split('\n')
    expect(JSON.parse(v2[0] ?? '')).toEqual({
      version: 2,
      width: 80,
      height: 24,
      timestamp: 1_700_000_000,
      title: opening.title,
      env: { TERM: 'xterm-256color' },
    })
    expect(v2.slice(1)).toEqual(['[1.500, "o", "one"]', '[3.000, "o", "\ufffd"]', '[4.000, "r", "90x20"]'])
  })

  it("Debian's asciinema reads the v2 export, with bytes that are not UTF-8 in the session", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-cast-'))
    const events = [...outputs([Buffer.from('one 日本\r\n'), Buffer.from([0xff, 0x0a]), Buffer.from('😀')]), endAt(5000, 4, 0)]
    writeFileSync(join(folder, 'v2.cast'), await all(exportV2(lines(castOf(events)))))
    const shown = execFileSync('asciinema', ['play', '-s', '1000', join(folder, 'v2.cast')], { env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: folder } })
    expect(shown.toString()).toBe('one 日本\r\n\ufffd\n😀')
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['colours and cursor movements', '\x1b[1;31mred\x1b[0m \x1b[2Kplain\r\n', 'red plain\n'],
    ['titles and hyperlinks', '\x1b]0;title\x07a\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\\n', 'alink\n'],
    ['character sets and keypad', '\x1b(B\x1b=ok\x1b>\n', 'ok\n'],
    ['C1 controls', '\u009b31mred\u009dtitle\u009cx\n', 'redx\n'],
    ['what was typed and erased', 'lss\b \b\n', 'ls\n'],
    ['a progress bar', '10%\r20%\r\n', '10%\n20%\n'],
    ['a device control string', '\x1bPq#0\x1b\\done\n', 'done\n'],
    ['an escape that is cancelled', '\x1b[12\x18here\n', 'here\n'],
  ])('text leaves out %s', async (_name, output, expected) => {
    for (const size of [1, 3, 1000]) {
      const bytes = Buffer.from(output)
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
      expect((await all(exportText(lines(castOf(outputs(chunks)))))).toString()).toBe(expected)
    }
  })

  it('text shows again what an endless control string would hide', async () => {
    const chunks = [Buffer.from('\x1b]0;'), ...Array.from({ length: 70 }, () => Buffer.from('a'.repeat(1000))), Buffer.from('\nvisible\n')]
    expect((await all(exportText(lines(castOf(outputs(chunks)))))).toString()).toContain('\nvisible\n')
  })

  it('refuses a file that is no recording', async () => {
    await expect(all(exportV2(lines('hello\n')))).rejects.toMatchObject({ code: 'recording_incomplete' })
    await expect(all(exportRaw(lines(`${castHeader(opening)}[1,"r"]\n`)))).rejects.toMatchObject({ code: 'recording_incomplete' })
  })
})
