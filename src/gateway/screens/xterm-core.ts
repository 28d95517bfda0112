// What of xterm's inside is read and not in its public types. Right for 6.0.0, which package.json pins; `redraw.test.ts` finds out when it is not.
import type { IBufferCell, Terminal } from '@xterm/headless'

export type Attributes = { fg: number; bg: number; extended: { _ext: number; _urlId: number } }
export type CoreCell = IBufferCell & Attributes & { content: number }
export type CoreLine = { isWrapped: boolean; loadCell(x: number, cell: CoreCell): CoreCell }
/** Of DEC's line drawing, the United Kingdom and so on: shared by all terminals; undefined for ASCII. */
export type Charset = Readonly<Record<string, string>> | undefined

export type CoreBuffer = {
  lines: { get(index: number): CoreLine | undefined }
  x: number
  y: number
  ybase: number
  scrollTop: number
  scrollBottom: number
  savedX: number
  savedY: number
  savedCurAttrData: Attributes
  savedCharset: Charset
  tabs: Record<number, boolean | undefined>
}

/** `index` 256 to 258 are text, background and cursor; `type` 1 sets, 2 restores (all when there is no index). */
export type ColorEvent = readonly { type: number; index?: number; color?: readonly [number, number, number] }[]

export type Core = {
  writeSync(data: string | Uint8Array): void
  buffers: { normal: CoreBuffer; alt: CoreBuffer; active: CoreBuffer }
  coreService: {
    isCursorHidden: boolean
    modes: { insertMode: boolean }
    decPrivateModes: {
      applicationCursorKeys: boolean
      applicationKeypad: boolean
      bracketedPasteMode: boolean
      cursorBlink: boolean | undefined
      cursorStyle: 'block' | 'underline' | 'bar' | undefined
      origin: boolean
      reverseWraparound: boolean
      sendFocus: boolean
      wraparound: boolean
    }
  }
  coreMouseService: { activeProtocol: 'NONE' | 'X10' | 'VT200' | 'DRAG' | 'ANY'; activeEncoding: 'DEFAULT' | 'SGR' | 'SGR_PIXELS' }
  /** The low bit says whether the code point joins the one before it, the next two its width. */
  unicodeService: { charProperties(codePoint: number, before: number): number }
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] }
  _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined }
  _inputHandler: {
    /** `currentState` 0 is ground, 1 to 6 are inside ESC and CSI; `precedingJoinState` is 0 unless a character was printed last. */
    _parser: { currentState: number; precedingJoinState: number }
    _curAttrData: Attributes
    _windowTitle: string
    _windowTitleStack: string[]
    onColor(listener: (event: ColorEvent) => void): void
  }
}

export const coreOf = (terminal: Terminal): Core => (terminal as unknown as { _core: Core })._core

export const joins = (properties: number): boolean => (properties & 1) === 1
export const widthOf = (properties: number): number => (properties >> 1) & 3

const charsetFinals = ['0', 'A', 'B', '4', 'C', '5', 'R', 'Q', 'K', 'Y', 'E', '6', 'Z', 'H', '7', '='] as const

/** The final character that designates each charset, found out from a terminal that is used for nothing else. */
export function charsetNames(terminal: Terminal): Map<Charset, string> {
  const core = coreOf(terminal)
  const names = new Map<Charset, string>()
  for (const final of charsetFinals) {
    core.writeSync(`\x1b(${final}`)
    const { charset } = core._charsetService
    if (!names.has(charset)) names.set(charset, final)
  }
  names.set(undefined, 'B')
  return names
}
