// A terminal as a string that redraws it on one of the same size that was reset: what is seen, and every mode that decides what the next bytes do.
import type { Terminal } from '@xterm/headless'
import { penOf, plain } from './pen.ts'
import { RowPainter } from './redraw-rows.ts'
import { type Charset, type Core, type CoreBuffer, coreOf, widthOf } from './xterm-core.ts'

/** Of the string in UTF-8. What SCREEN may carry. */
export const maxRedrawBytes = 2 * 1024 * 1024
/** A UTF-16 unit is at most three bytes of UTF-8; the rest is for modes and for what follows the string. */
const maxRedrawChars = Math.floor((maxRedrawBytes - 256 * 1024) / 3)
const maxTitleChars = 1024

export type RedrawExtras = {
  /** Which final character designates a charset. */
  charsets: ReadonlyMap<Charset, string>
  /** Colours that the program has changed: 0 to 255 of the palette, 256 text, 257 background, 258 cursor. */
  colors: ReadonlyMap<number, readonly [number, number, number]>
}

/**
 * What of a sequence has begun and not ended must follow the string. At most 1.75 MiB of UTF-8: when it would be more, colours and attributes go first, then rows from the top.
 * The order is what makes it right: some sequences home the cursor, others would be undone by what follows.
 */
export function redraw(terminal: Terminal, extras: RedrawExtras): string {
  const core = coreOf(terminal)
  for (let fromRow = 0, attributes = true; ;) {
    const text = draw(terminal, core, extras, { cols: terminal.cols, rows: terminal.rows, fromRow, attributes })
    if (text !== undefined) return text
    if (attributes) attributes = false
    else fromRow = Math.ceil((fromRow + terminal.rows) / 2)
  }
}

function draw(
  terminal: Terminal,
  core: Core,
  extras: RedrawExtras,
  size: { cols: number; rows: number; fromRow: number; attributes: boolean },
): string | undefined {
  const { active, normal, alt } = core.buffers
  const painter = new RowPainter(core, terminal.buffer.active.getNullCell())
  const isAlt = active === alt
  if (!isAlt && !savesNothing(alt)) {
    // The alternate screen is made anew each time, but keeps its saved cursor.
    painter.escape('\x1b[?1047h')
    saveCursor(painter, alt, size.cols, extras)
    painter.dress(plain)
    painter.escape('\x1b[?1047l')
  }
  paintBuffer(painter, normal, size, extras)
  if (isAlt) {
    // 1049 would save the cursor over the saved one; the alternate screen is filled with the pen that enters it.
    if (!isWhole(normal, size.rows)) painter.escape(region(normal))
    painter.dress(plain)
    painter.escape('\x1b[?1047h')
    paintBuffer(painter, alt, size, extras)
  }
  if (painter.chars > maxRedrawChars) return undefined
  const { decPrivateModes, modes } = core.coreService
  painter.dress(plain)
  if (!isWhole(active, size.rows)) painter.escape(region(active))
  painter.escape(titles(core) + colors(extras.colors) + switches(core, terminal.options.convertEol === true, terminal.options.cursorBlink === true))
  if (decPrivateModes.origin) painter.escape('\x1b[?6h')
  if (modes.insertMode) painter.escape('\x1b[4h')
  placeCursor(painter, core, active, size.cols, charsets(core, active, extras.charsets))
  return painter.take()
}

function paintBuffer(
  painter: RowPainter,
  buffer: CoreBuffer,
  size: { cols: number; rows: number; fromRow: number; attributes: boolean },
  extras: RedrawExtras,
): void {
  painter.paint(buffer, size, maxRedrawChars)
  const tabs = tabStops(buffer, size.cols)
  if (tabs !== '') painter.escape(tabs)
  saveCursor(painter, buffer, size.cols, extras)
}

const savesNothing = ({ savedX, savedY, ybase, savedCurAttrData: saved, savedCharset }: CoreBuffer) =>
  savedX === 0 && savedY === ybase && saved.fg === 0 && saved.bg === 0 && savedCharset === undefined

function saveCursor(painter: RowPainter, buffer: CoreBuffer, cols: number, extras: RedrawExtras): void {
  const { savedX, savedY, savedCurAttrData: saved, savedCharset } = buffer
  if (savesNothing(buffer)) return
  painter.escape(`\x1b[${Math.max(savedY - buffer.ybase, 0) + 1};${Math.min(savedX, cols - 1) + 1}H`)
  painter.dress({ ...plain, fg: saved.fg, bg: saved.bg })
  const charset = extras.charsets.get(savedCharset) ?? 'B'
  painter.escape(charset === 'B' ? '\x1b7' : `\x1b(${charset}\x1b7\x1b(B`)
}

/**
 * The cursor last, with the charsets and the pen. A character that was printed just before is printed once more, so that marks still join it and the margin
 * still waits to wrap. When it was not just before, the charset may be another by now: then it is printed before the charsets are put back.
 */
function placeCursor(painter: RowPainter, core: Core, buffer: CoreBuffer, cols: number, charset: string): void {
  const { _curAttrData, _parser: parser } = core._inputHandler
  const pen = penOf(_curAttrData)
  const top = core.coreService.decPrivateModes.origin ? buffer.scrollTop : 0
  const line = buffer.lines.get(buffer.ybase + buffer.y)
  const waits = buffer.x >= cols
  const width = Math.max(widthOf(parser.precedingJoinState), 1)
  const follows = parser.precedingJoinState !== 0 && buffer.x >= width
  const place = (col: number) => `\x1b[${Math.max(buffer.y - top, 0) + 1};${col + 1}H`
  if (charset.endsWith('\x1b8')) painter.forgetPen()
  if (line === undefined || (!follows && !waits)) {
    painter.escape(charset + place(Math.min(buffer.x, cols - 1)))
    return painter.dress(pen)
  }
  const isHalf = !follows && buffer.x >= 2 && line.loadCell(cols - 1, painter.scratch).getWidth() === 0
  const col = follows ? buffer.x - width : isHalf ? cols - 2 : cols - 1
  const first = line.loadCell(col, painter.scratch).getChars().codePointAt(0) ?? 0x20
  // In insert mode what is printed once more pushes the others to the right: it is taken out before.
  const room = core.coreService.modes.insertMode ? `\x1b[${widthOf(core.unicodeService.charProperties(first, 0))}P` : ''
  const isBound = follows || charset.endsWith('\x1b8')
  painter.escape((isBound ? charset : '') + place(col) + room)
  painter.reprint(line, buffer.y, col, cols, follows ? pen : undefined)
  painter.dress(pen)
  // Any sequence: nothing is to join what was printed only to stand at the margin.
  if (!follows) painter.escape((isBound ? '' : charset) + (core.coreService.isCursorHidden ? '\x1b[?25l' : '\x1b[?25h'))
}

const isWhole = (buffer: CoreBuffer, rows: number) => buffer.scrollTop === 0 && buffer.scrollBottom === rows - 1
/** DECSTBM; homes the cursor. */
const region = (buffer: CoreBuffer) => `\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`

function tabStops(buffer: CoreBuffer, cols: number): string {
  const stops = Array.from({ length: cols }, (_, col) => col).filter((col) => buffer.tabs[col] === true)
  const usual = Math.ceil(cols / 8)
  if (stops.length === usual && stops.every((col) => col % 8 === 0)) return ''
  return `\x1b[3g${stops.map((col) => `\x1b[1;${col + 1}H\x1bH`).join('')}`
}

/** The title, and those that are kept to be put back. Control characters are none of a title's. */
function titles(core: Core): string {
  const clean = (title: string) =>
    title
      .slice(0, maxTitleChars)
      .toWellFormed()
      .replaceAll(/\p{Cc}/gu, '')
  const { _windowTitle: title, _windowTitleStack: kept } = core._inputHandler
  const before = kept.map((each) => `\x1b]2;${clean(each)}\x07\x1b[22;2t`).join('')
  return title === '' && before === '' ? '' : `${before}\x1b]2;${clean(title)}\x07`
}

function colors(changed: RedrawExtras['colors']): string {
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  return [...changed].map(([index, rgb]) => `\x1b]${index < 256 ? `4;${index}` : String(index - 246)};rgb:${rgb.map(hex).join('/')}\x07`).join('')
}

/** A restored cursor brings its charset with it, while another stays designated: then it is restored once more, by `ESC 8` at the end, which moves the cursor. */
function charsets(core: Core, buffer: CoreBuffer, names: ReadonlyMap<Charset, string>): string {
  const { charset, glevel, _charsets } = core._charsetService
  const isRestored = charset !== _charsets[glevel] && charset === buffer.savedCharset
  let text = ''
  for (const [level, introducer] of ['(', ')', '*', '+'].entries()) {
    const name = names.get(level === glevel && !isRestored ? charset : _charsets[level]) ?? 'B'
    if (name !== 'B') text += `\x1b${introducer}${name}`
  }
  return text + (['', '\x0e', '\x1bn', '\x1bo'][glevel] ?? '') + (isRestored ? '\x1b8' : '')
}

const mouse = { NONE: '', X10: '\x1b[?9h', VT200: '\x1b[?1000h', DRAG: '\x1b[?1002h', ANY: '\x1b[?1003h' }
const mouseEncoding = { DEFAULT: '', SGR: '\x1b[?1006h', SGR_PIXELS: '\x1b[?1016h' }
const cursorStyles = { block: 1, underline: 3, bar: 5 }

/** All modes that move nothing. Synchronized output is not among them: it would hide the screen until the program ends it. */
function switches(core: Core, convertEol: boolean, cursorBlink: boolean): string {
  const { coreService, coreMouseService } = core
  const modes = coreService.decPrivateModes
  const style = modes.cursorStyle === undefined ? '' : `\x1b[${cursorStyles[modes.cursorStyle] + (modes.cursorBlink === true ? 0 : 1)} q`
  return (
    (modes.applicationCursorKeys ? '\x1b[?1h' : '') +
    (modes.applicationKeypad ? '\x1b=' : '') +
    (modes.bracketedPasteMode ? '\x1b[?2004h' : '') +
    (modes.reverseWraparound ? '\x1b[?45h' : '') +
    (modes.sendFocus ? '\x1b[?1004h' : '') +
    (modes.wraparound ? '' : '\x1b[?7l') +
    mouse[coreMouseService.activeProtocol] +
    mouseEncoding[coreMouseService.activeEncoding] +
    (coreService.isCursorHidden ? '\x1b[?25l' : '') +
    (cursorBlink ? '\x1b[?12h' : '') +
    style +
    // A reset leaves this one as it was.
    (convertEol ? '\x1b[20h' : '\x1b[20l')
  )
}
