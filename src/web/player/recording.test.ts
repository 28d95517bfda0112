import { describe, expect, it } from 'vitest'
import { parseEvent, parseHeader } from './cast-line.ts'
import { density, densityPath } from './density.ts'
import { afterBytes, Recording } from './recording.ts'
import { findText, shownLines } from './shown-text.ts'

const header = '{"version":3,"term":{"cols":90,"rows":25}}'
function make(...lines: unknown[]): Recording {
  const recording = new Recording()
  for (const line of [header, ...lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))]) recording.addLine(line)
  return recording
}

describe('a line of a recording', () => {
  it('is taken as the format says', () => {
    expect(parseHeader(header)).toEqual({ cols: 90, rows: 25 })
    expect(parseEvent('[0.25,"o","hi"]')).toEqual({ kind: 'output', afterMs: 250, text: 'hi' })
    expect(parseEvent('[0,"r","100x30"]')).toEqual({ kind: 'resize', afterMs: 0, cols: 100, rows: 30 })
    expect(parseEvent('[1,"m","deploy"]')).toEqual({ kind: 'marker', afterMs: 1000, label: 'deploy' })
    expect(parseEvent('[0,"b","/w=="]')).toEqual({ kind: 'bytes', afterMs: 0, bytes: 1 })
    expect(parseEvent('[0,"x","7"]')).toEqual({ kind: 'other', afterMs: 0 })
  })

  it.each([
    '',
    'x',
    '{}',
    '[]',
    '[1]',
    '[1,"o"]',
    '[1,"o",5]',
    '["1","o","x"]',
    '[-1,"o","x"]',
    '[null,"o","x"]',
    '[0,"r","x"]',
    '[0,"r","0x0"]',
    '[0,"r","-1x5"]',
    '[0,"o","cut',
  ])('is nothing when it is %j', (line) => expect(parseEvent(line)).toBeUndefined())

  it.each([
    '{}',
    '[]',
    'null',
    '{"version":2,"width":80,"height":24}',
    '{"version":3}',
    '{"version":3,"term":{"cols":0,"rows":1}}',
    '{"version":3,"term":null}',
  ])('is no header when it is %j', (line) => expect(parseHeader(line)).toBeUndefined())

  it('has bounds for sizes, times and labels', () => {
    expect(parseHeader('{"version":3,"term":{"cols":999999999,"rows":999999999}}')).toEqual({ cols: 1000, rows: 500 })
    expect(parseEvent('[0,"r","99999999x99999999"]')).toEqual({ kind: 'resize', afterMs: 0, cols: 1000, rows: 500 })
    expect(parseEvent('[1e308,"o","x"]')?.afterMs).toBe(31 * 86_400_000)
    expect(parseEvent(`[0,"m","${'x'.repeat(5000)}"]`)).toMatchObject({ label: 'x'.repeat(300) })
  })
})

describe('a recording in the page', () => {
  it('knows what is shown when, and where bytes are, with true bytes beside replaced ones', () => {
    const recording = make([0.1, 'o', 'ä'], [0.1, 'b', '/w=='], [0, 'o', '\uFFFD'], [0.8, 'r', '100x30'], [1, 'o', '中文'], [3, 'm', 'done'], [1, 'x', '0'])
    expect(recording.frames.map(({ atMs, offset, text }) => [Math.round(atMs), offset, text])).toEqual([
      [100, 0, 'ä'],
      [200, 2, '\uFFFD'],
      [1000, 3, undefined],
      [2000, 3, '中文'],
    ])
    expect([recording.framesUntil(0), recording.framesUntil(200), recording.framesUntil(1e9), Math.round(recording.durationMs)]).toEqual([0, 2, 4, 6000])
    expect(recording.markers).toEqual([{ atMs: 5000, label: 'done' }])
    expect([recording.frameAt(0), recording.frameAt(2), recording.frameAt(3), recording.frameAt(6), recording.frameAt(9)]).toEqual([
      { frame: 0, skipBytes: 0 },
      { frame: 1, skipBytes: 0 },
      { frame: 2, skipBytes: 0 },
      { frame: 3, skipBytes: 3 },
      { frame: 4, skipBytes: 0 },
    ])
    expect([afterBytes('中文', 3), afterBytes('abc', 1), afterBytes('中文', 1)]).toEqual(['文', 'bc', '文'])
  })

  it('begins seeking at the latest screen whose place has come', () => {
    const recording = make([1, 'o', 'abc'], [1, 'o', 'def'])
    for (const screen of [
      { offset: 3, atMs: 1000 },
      { offset: 6, atMs: 2000 },
      { offset: 999, atMs: 1500 },
    ])
      recording.addScreen(JSON.stringify({ ...screen, cols: 80, rows: 24, text: 'x' }))
    for (const line of ['', '{}', 'null', '{"offset":"1","atMs":0,"cols":1,"rows":1,"text":"x"}', '{"offset":-1,"atMs":0,"cols":1,"rows":1,"text":"x"}'])
      recording.addScreen(line)
    expect(recording.screens).toHaveLength(3)
    expect([recording.screenBefore(999), recording.screenBefore(1700)?.offset, recording.screenBefore(5000)?.offset]).toEqual([undefined, 3, 6])
  })

  it('counts what is broken and goes on', () => {
    const recording = make('not json', [1, 'o', 'a'], '[2,"o"', [1, 'o', 'b'])
    expect([recording.broken, recording.frames.length, recording.durationMs]).toEqual([2, 2, 2000])
    const headless = new Recording()
    headless.addLine('[1,"o","x"]')
    expect([headless.isReady, headless.broken]).toEqual([false, 1])
  })

  it('shows a keystroke beside a flood', () => {
    const heights = density(make([1, 'o', 'x'], [1, 'o', 'y'.repeat(1_000_000)], [2, 'o', '']), 4)
    expect(heights[3]).toBe(0)
    expect(heights[2]).toBe(1)
    expect(heights[1]).toBeGreaterThan(0.04)
    expect(densityPath([1, 0])).toBe('M0 1L0 0.000L1 0.000L1 1.000L2 1.000L2 1Z')
    expect(density(new Recording(), 3)).toEqual([0, 0, 0])
  })
})

describe('the text of a recording', () => {
  it('is found by its words with the moment of its line, whatever colours stand in it', () => {
    const lines = shownLines(make([1, 'o', '$ \u001b[1;32mgit\u001b[0m pu'], [1, 'o', 'sh\r\nok\r\n'], [1, 'o', '\u001b]0;title\u0007\u001b[5;10Hpanel']))
    expect(lines).toEqual([
      { atMs: 1000, text: '$ git push' },
      { atMs: 2000, text: 'ok' },
      { atMs: 3000, text: 'panel' },
    ])
    expect(findText(lines, 'GIT PUSH')).toEqual([{ atMs: 1000, before: '$ ', hit: 'git push', after: '' }])
    expect(findText(lines, '  ')).toEqual([])
    expect(findText(lines, 'title')).toEqual([])
  })

  it('is bounded', () => {
    const flood = make(...Array.from({ length: 300 }, () => [0, 'o', 'match\n']), [0, 'o', 'x'.repeat(10_000)])
    expect(findText(shownLines(flood), 'match')).toHaveLength(200)
    const began = performance.now()
    // A control string that never ends, again and again: what takes long is not the text but looking for its end.
    shownLines(make([0, 'o', '\u001b]'.repeat(200_000)]))
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
