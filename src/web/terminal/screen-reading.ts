// Reads what an xterm shows, cell by cell: for tests that compare the live screen with its replay, and for people who look into a fault.
import type { IBufferLine, Terminal } from '@xterm/xterm'

export type ScreenCell = { text: string; width: number; fg: string; bg: string; flags: string }
export type Screen = { cols: number; rows: number; cursor: { x: number; y: number }; lines: string[]; cells: ScreenCell[][] }

/** The visible screen. Colours as `default`, `p<index>` or `#rrggbb`; flags of `b`old, `d`im, `i`talic, `u`nderline, `v` inverse, `h`idden, `s`truck. The cells, thousands, are read when they are looked at. */
export function readScreen(terminal: Terminal): Screen {
  const { cols, rows } = terminal
  const buffer = terminal.buffer.active
  const line = (y: number) => buffer.getLine(buffer.baseY + y)
  const down = Array.from({ length: rows }, (_, y) => y)
  return {
    cols,
    rows,
    cursor: { x: buffer.cursorX, y: buffer.cursorY },
    lines: down.map((y) => line(y)?.translateToString(true) ?? ''),
    get cells() {
      return down.map((y) => readCells(line(y), cols))
    },
  }
}

function readCells(line: IBufferLine | undefined, cols: number): ScreenCell[] {
  const row: ScreenCell[] = []
  for (let x = 0; x < cols; x++) {
    const cell = line?.getCell(x)
    if (!cell) continue
    const color = (isDefault: boolean, isRgb: boolean, value: number) =>
      isDefault ? 'default' : isRgb ? `#${value.toString(16).padStart(6, '0')}` : `p${value}`
    const flags = [
      cell.isBold() && 'b',
      cell.isDim() && 'd',
      cell.isItalic() && 'i',
      cell.isUnderline() && 'u',
      cell.isInverse() && 'v',
      cell.isInvisible() && 'h',
      cell.isStrikethrough() && 's',
    ]
    row.push({
      text: cell.getChars(),
      width: cell.getWidth(),
      fg: color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
      bg: color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
      flags: flags.filter(Boolean).join(''),
    })
  }
  return row
}

declare global {
  interface Window {
    /** Screens of this page's own terminals by tab id; there only when the person set `localStorage['sallyport.inspect'] = '1'`. Reading only. */
    __sallyportTerminals?: Record<string, () => Screen>
  }
}

/** Makes a terminal readable for whoever sits in front of this browser and asked for it. `freeze` keeps the screen as it is from then on: an ended terminal is fitted to less room. */
export function offerForInspection(id: string, terminal: Terminal): { freeze(): void; undo(): void } {
  if (localStorage.getItem('sallyport.inspect') !== '1') return { freeze: () => undefined, undo: () => undefined }
  let frozen: Screen | undefined
  const offered = (window.__sallyportTerminals ??= {})
  offered[id] = () => frozen ?? readScreen(terminal)
  return {
    freeze() {
      frozen = { ...readScreen(terminal) }
    },
    undo() {
      delete offered[id]
    },
  }
}
