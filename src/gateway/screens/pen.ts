// How characters look, as the SGR sequence (ECMA-48 section 8.3.117, ISO 8613-6 colours) that makes it so from anything.
import type { Attributes, Core } from './xterm-core.ts'

// xterm's layout of a cell's two words (src/common/buffer/Constants.ts of xterm.js).
const colorMode = 0x3000000
const rgbMask = 0xffffff
const modes = { palette16: 0x1000000, palette256: 0x2000000, rgb: 0x3000000 }
const fgFlags = { inverse: 0x4000000, bold: 0x8000000, underline: 0x10000000, blink: 0x20000000, invisible: 0x40000000, strike: 0x80000000 }
const bgFlags = { italic: 0x4000000, dim: 0x8000000, extended: 0x10000000, guarded: 0x20000000, overline: 0x40000000 }
const underlineShift = 26

export const plain: Attributes = { fg: 0, bg: 0, extended: { _ext: 0, _urlId: 0 } }

/** Addresses longer than this are left out of a redraw string; browsers refuse them too. */
const maxUriChars = 2083

function color(word: number, base: 30 | 40): string {
  const value = word & rgbMask
  switch (word & colorMode) {
    case modes.palette16:
      return `;${(value & 0xff) < 8 ? base + (value & 7) : base + 60 + (value & 7)}`
    case modes.palette256:
      return `;${base + 8};5;${value & 0xff}`
    case modes.rgb:
      return `;${base + 8};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`
    default:
      return ''
  }
}

function underline({ fg, bg, extended }: Attributes): string {
  if ((fg & fgFlags.underline) === 0) return ''
  const style = (bg & bgFlags.extended) === 0 ? 1 : (extended._ext >>> underlineShift) & 7
  return style > 1 ? `;4:${style}` : ';4'
}

function underlineColor({ extended }: Attributes): string {
  const value = extended._ext & rgbMask
  const mode = extended._ext & colorMode
  if (mode === modes.rgb) return `;58:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`
  return mode === 0 ? '' : `;58:5:${value & 0xff}`
}

/** Everything but the link, from anything before. */
export function sgr(attributes: Attributes): string {
  const { fg, bg } = attributes
  let codes = ''
  if ((fg & fgFlags.bold) !== 0) codes += ';1'
  if ((bg & bgFlags.dim) !== 0) codes += ';2'
  if ((bg & bgFlags.italic) !== 0) codes += ';3'
  codes += underline(attributes)
  if ((fg & fgFlags.blink) !== 0) codes += ';5'
  if ((fg & fgFlags.inverse) !== 0) codes += ';7'
  if ((fg & fgFlags.invisible) !== 0) codes += ';8'
  if ((fg & fgFlags.strike) !== 0) codes += ';9'
  if ((bg & bgFlags.overline) !== 0) codes += ';53'
  codes += color(fg, 30) + color(bg, 40) + underlineColor(attributes)
  const guard = (bg & bgFlags.guarded) === 0 ? '' : '\x1b[1"q'
  return `\x1b[${codes === '' ? '' : `0${codes}`}m${guard}`
}

/** Whether an empty cell shows only its background, as erasing leaves it. */
export const isErased = ({ fg, bg }: Attributes): boolean => (fg & ~(colorMode | rgbMask)) === 0 && (bg & ~(colorMode | rgbMask | bgFlags.extended)) === 0
export const background = ({ bg }: Attributes): Attributes => ({ ...plain, bg: bg & (colorMode | rgbMask) })
export const hasBackground = ({ bg }: Attributes): boolean => (bg & colorMode) !== 0

/** Of a cell: xterm leaves what another had in `extended` when it has none of its own; the flag tells. */
export const ofCell = (cell: Attributes): Attributes => ((cell.bg & bgFlags.extended) === 0 ? { fg: cell.fg, bg: cell.bg, extended: plain.extended } : cell)

/** A pen may have lost its link to a restored cursor; a colour of lines waits in it for lines to come. */
export const penOf = ({ fg, bg, extended }: Attributes): Attributes => ({
  fg,
  bg,
  extended: { _ext: extended._ext, _urlId: (bg & bgFlags.extended) === 0 ? 0 : extended._urlId },
})

export const noLink = '\x1b]8;;\x07'
/** OSC 8: begins the link, or ends the one before when the number stands for none (any more). */
export function link(core: Core, id: number): string {
  const data = id === 0 ? undefined : core._oscLinkService.getLinkData(id)
  if (data === undefined || data.uri.length > maxUriChars || /\p{Cc}/u.test(data.uri) || /[\p{Cc}:;]/u.test(data.id ?? '')) return noLink
  return `\x1b]8;${data.id === undefined ? '' : `id=${data.id.slice(0, 256)}`};${data.uri}\x07`
}
