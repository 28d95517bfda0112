import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { terminalFont } from './terminal-font.ts'
import { defaultSettings, fontFamilyOf, isOwnFont, limits, readSettings, writeSettings, zoomed } from './terminal-settings.ts'

const usual = defaultSettings(false)

describe("a person's settings", () => {
  it('are kept and read again; only what was chosen is kept', () => {
    const chosen = { ...usual, theme: 'paper' as const, fontSize: 18, bell: 'sound' as const }
    expect(JSON.parse(writeSettings(chosen, false))).toEqual({ theme: 'paper', fontSize: 18, bell: 'sound' })
    expect(readSettings(writeSettings(chosen, false), false)).toEqual(chosen)
    expect(writeSettings(usual, false)).toBe('{}')
  })

  it('fall back one by one when what was kept does not fit', () => {
    const kept = JSON.stringify({ theme: 'neon', fontSize: 500, lineHeight: 1.5, scrollback: 1e9, bell: 7, ownFont: 'x;}body{', unknown: true })
    expect(readSettings(kept, false)).toEqual({ ...usual, lineHeight: 1.5 })
  })

  it('are the usual ones when nothing sensible was kept', () => {
    for (const kept of [null, '', 'null', '[]', '"x"', '{', '{"font":', '12']) expect(readSettings(kept, false)).toEqual(usual)
    expect(defaultSettings(true).fontSize).toBeLessThan(usual.fontSize)
  })

  it('never throw and never leave their limits, whatever was kept', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.dictionary(fc.constantFrom(...Object.keys(usual)), fc.jsonValue()).map((value) => JSON.stringify(value)),
        ),
        (kept) => {
          const read = readSettings(kept, false)
          expect(Object.keys(read).sort()).toEqual(Object.keys(usual).sort())
          for (const name of ['fontSize', 'lineHeight', 'scrollback'] as const) {
            expect(read[name]).toBeGreaterThanOrEqual(limits[name][0])
            expect(read[name]).toBeLessThanOrEqual(limits[name][1])
          }
        },
      ),
    )
  })

  it('take only names of fonts, and always end in a font that is there', () => {
    expect([isOwnFont('Iosevka Term, 思源等宽'), isOwnFont('x"; background: url(//h)'), isOwnFont("a'b"), isOwnFont(' '), isOwnFont('a'.repeat(121))]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(fontFamilyOf(usual)).toBe(terminalFont)
    expect(fontFamilyOf({ ...usual, font: 'own', ownFont: 'Iosevka Term, Hack' })).toBe(`"Iosevka Term", "Hack", ${terminalFont}`)
    expect(fontFamilyOf({ ...usual, font: 'own', ownFont: '} * {' })).toBe(terminalFont)
    expect(fontFamilyOf({ ...usual, font: 'plex' })).toBe(`"IBM Plex Mono", ${terminalFont}`)
  })

  it('grow and shrink within their limits', () => {
    expect([zoomed(usual, 1, false).fontSize, zoomed(usual, -1, false).fontSize, zoomed({ ...usual, fontSize: 20 }, 0, false).fontSize]).toEqual([15, 13, 14])
    expect(zoomed({ ...usual, fontSize: 32 }, 1, false).fontSize).toBe(32)
    expect(zoomed({ ...usual, fontSize: 8 }, -1, false).fontSize).toBe(8)
  })
})
