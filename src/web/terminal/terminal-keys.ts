// Keys that the page keeps from the host. Pure. Each is either one that terminals everywhere keep (Ctrl-Shift-C) or one that no terminal can send (Ctrl-plus).

export type KeyPress = Pick<KeyboardEvent, 'type' | 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>
/** `copyThenForget` leaves nothing selected, so that the next Ctrl-C interrupts. `browser`: the browser's own, which becomes a paste event. */
export type TerminalAct = 'copy' | 'copyThenForget' | 'browser' | 'search' | 'larger' | 'smaller' | 'usualSize'
export type DeckAct = 'reopen' | 'files' | 'splitRow' | 'splitColumn' | 'otherPane' | 'tabs'

/** By the letter that the layout gives; where the layout has other letters (ЙЦУКЕН), by its place. */
function isLetter(press: KeyPress, letter: string): boolean {
  const key = press.key.toLowerCase()
  return /^[a-z]$/.test(key) ? key === letter : press.code === `Key${letter.toUpperCase()}`
}

/** What the page does with a key that was pressed in a terminal; undefined when it goes to the host. */
export function terminalAct(press: KeyPress, at: { mac: boolean; selected: boolean; controlCCopies: boolean }): TerminalAct | undefined {
  if (press.altKey) return undefined
  const command = at.mac ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey
  const controlShift = press.ctrlKey && press.shiftKey && !press.metaKey
  if (controlShift && isLetter(press, 'c')) return 'copy'
  if (controlShift && isLetter(press, 'v')) return 'browser'
  if (controlShift && isLetter(press, 'f')) return 'search'
  if (at.mac && command && !press.shiftKey && isLetter(press, 'f')) return 'search'
  if (press.ctrlKey && !press.shiftKey && !press.metaKey && isLetter(press, 'c') && at.selected && at.controlCCopies) return 'copyThenForget'
  if (!command) return undefined
  // With Shift, minus is Ctrl-underscore: "undo" of shells and Emacs, and the host's.
  if (press.key === '+' || press.key === '=') return 'larger'
  if (press.key === '-' && !press.shiftKey) return 'smaller'
  if (press.key === '0' && !press.shiftKey) return 'usualSize'
  return undefined
}

/** What the deck does with a key, wherever in it the key was pressed. */
export function deckAct(press: KeyPress, at: { split: boolean }): DeckAct | undefined {
  if (press.type !== 'keydown' || !press.ctrlKey || !press.shiftKey || press.altKey || press.metaKey) return undefined
  // Ctrl-Shift-T belongs to the browser, in every browser.
  if (isLetter(press, 'z')) return 'reopen'
  if (isLetter(press, 'l')) return 'files'
  if (isLetter(press, 'e')) return 'splitRow'
  if (isLetter(press, 'o')) return 'splitColumn'
  // Tab is the host's: without a key of its own nobody could leave a terminal by keyboard.
  if (press.key === 'Home') return 'tabs'
  if (at.split && press.key.startsWith('Arrow')) return 'otherPane'
  return undefined
}
