// For tests: everything of a terminal that decides what is seen now and what later bytes do, as a value to compare.
import type { Emulator } from './emulator.ts'
import { background, isErased, link, ofCell, penOf, plain, sgr } from './pen.ts'
import { type Attributes, type Core, type CoreBuffer, type CoreCell, coreOf } from './xterm-core.ts'

function look(core: Core, attributes: Attributes, isCell: boolean, isAtCut: boolean): string {
  const pen = sgr(attributes)
  // The colour of a line that is not drawn is not seen.
  return (isCell && !/;4[:;m]/.test(pen) ? pen.replace(/;58:[\d:]+/, '').replace('[0m', '[m') : pen) + (isAtCut ? link(core, attributes.extended._urlId) : '')
}

function bufferState(core: Core, buffer: CoreBuffer, cell: CoreCell, cols: number, rows: number, isAtCut: boolean) {
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = buffer.lines.get(buffer.ybase + row)
    if (line === undefined) return 'none'
    let text = row > 0 && line.isWrapped && isAtCut ? '>' : ''
    let before = ''
    for (let col = 0; col < cols; col += 1) {
      line.loadCell(col, cell)
      const isBlank = cell.getChars().trim() === '' && cell.getChars() !== '\u3000' && isErased(cell)
      // An erased cell shows its background alone.
      const now = look(core, isBlank ? background(cell) : ofCell(cell), true, isAtCut)
      // Of a wide character the first cell tells.
      if (now !== before && (cell.getWidth() > 0 || cell.getChars() !== '')) text += `{${now.slice(1).replaceAll('\x1b', '^')}}`
      if (cell.getWidth() > 0 || cell.getChars() !== '') before = now
      // An empty cell and a blank look alike.
      text += cell.getChars() === '' ? (cell.getWidth() === 0 ? '' : ' ') : cell.getChars()
      if (cell.getWidth() !== 1) text += `<${cell.getWidth()}>`
    }
    return text
  })
  const { scrollTop, scrollBottom, savedX, savedY, ybase, savedCurAttrData, savedCharset } = buffer
  const tabs = Array.from({ length: cols }, (_, col) => (buffer.tabs[col] === true ? col : -1)).filter((col) => col >= 0)
  const saved = {
    x: Math.min(savedX, cols - 1),
    y: Math.min(Math.max(savedY - ybase, 0), rows - 1),
    look: sgr({ ...savedCurAttrData, extended: plain.extended }),
    savedCharset,
  }
  return { lines, scrollTop, scrollBottom, saved, tabs }
}

/**
 * `isAtCut`: just made. Later two things may differ: xterm forgets a link when the line is gone where it was begun, so of two terminals one may know it longer;
 * and whether the first row continues one that is gone cannot be redrawn, which shows when it moves down.
 */
export function stateOf(emulator: Emulator, isAtCut = true) {
  const { terminal } = emulator
  const core = coreOf(terminal)
  const { cols, rows } = terminal
  const { active, normal, alt } = core.buffers
  const cell = terminal.buffer.active.getNullCell() as CoreCell
  const { _curAttrData: pen, _parser: parser, _windowTitle, _windowTitleStack } = core._inputHandler
  const { glevel, charset, _charsets } = core._charsetService
  return {
    cols,
    rows,
    screen: active === alt ? 'alt' : 'normal',
    normal: bufferState(core, normal, cell, cols, rows, isAtCut),
    alt: active === alt ? bufferState(core, alt, cell, cols, rows, isAtCut) : undefined,
    cursor: [active.x, active.y],
    pen: look(core, penOf(pen), false, isAtCut),
    parser: parser.currentState,
    follows: parser.precedingJoinState !== 0,
    title: [_windowTitle, ..._windowTitleStack],
    charsets: [glevel, charset, ...[0, 1, 2, 3].map((level) => _charsets[level])],
    modes: { ...core.coreService.decPrivateModes, synchronizedOutput: undefined, ...core.coreService.modes, hidden: core.coreService.isCursorHidden },
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    lines: terminal.options.convertEol,
    blink: terminal.options.cursorBlink,
  }
}
