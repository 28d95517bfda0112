import { describe, expect, it } from 'vitest'
import { contrast, paletteColor, sixteen, themeNames, themes } from './themes.ts'

describe('the themes', () => {
  it('are at least six, light and dark', () => {
    expect(themeNames.length).toBeGreaterThanOrEqual(6)
    expect(themeNames.filter((name) => !themes[name].dark).length).toBeGreaterThanOrEqual(3)
    expect(themeNames.filter((name) => themes[name].dark).length).toBeGreaterThanOrEqual(3)
  })

  it.each(themeNames)('%s can be read: text 7:1, colours 4.5:1, also where text is selected', (name) => {
    const { colors, dark } = themes[name]
    const weak = sixteen
      // Black on a dark ground is a ground itself.
      .filter((color) => !(dark && color === 'black'))
      .map((color) => [color, Number(contrast(colors[color], colors.background).toFixed(2))] as const)
      .filter(([, ratio]) => ratio < 4.5)
    expect(weak).toEqual([])
    for (const color of Object.values(colors)) expect(color).toMatch(/^#[0-9a-f]{6}$/)
    expect(contrast(colors.foreground, colors.background)).toBeGreaterThanOrEqual(7)
    expect(contrast(colors.foreground, colors.selectionBackground)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(colors.cursor, colors.background)).toBeGreaterThanOrEqual(3)
    expect(contrast(colors.selectionBackground, colors.background)).toBeGreaterThanOrEqual(1.2)
  })

  it('know what contrast is', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  })

  it('have 256 colours', () => {
    const { colors } = themes.harbour
    expect([paletteColor(colors, 1), paletteColor(colors, 16), paletteColor(colors, 196), paletteColor(colors, 231), paletteColor(colors, 244)]).toEqual([
      colors.red,
      '#000000',
      '#ff0000',
      '#ffffff',
      '#808080',
    ])
    expect([paletteColor(colors, -1), paletteColor(colors, 256), paletteColor(colors, 1.5)]).toEqual([undefined, undefined, undefined])
  })
})
