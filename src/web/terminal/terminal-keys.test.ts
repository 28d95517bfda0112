import { describe, expect, it } from 'vitest'
import type { KeyPress } from './terminal-keys.ts'
import { deckAct, terminalAct } from './terminal-keys.ts'

/** `C-S-c`: Ctrl, Shift, and the key. */
function press(text: string, code = ''): KeyPress {
  const parts = text.split(/-(?=.)/)
  const key = parts.pop() ?? ''
  const has = (name: string) => parts.includes(name)
  return { type: 'keydown', key, code, ctrlKey: has('C'), shiftKey: has('S'), altKey: has('A'), metaKey: has('M') }
}
const plain = { mac: false, selected: true, controlCCopies: false }

describe('a key in a terminal', () => {
  it.each([
    ['C-S-C', 'copy'],
    ['C-S-V', 'browser'],
    ['C-S-F', 'search'],
    ['C-+', 'larger'],
    ['C-S-+', 'larger'],
    ['C-=', 'larger'],
    ['C--', 'smaller'],
    ['C-0', 'usualSize'],
  ])('%s is kept for: %s', (keys, act) => expect(terminalAct(press(keys), plain)).toBe(act))

  it.each(['C-c', 'C-v', 'C-f', 'C-S-_', 'C-S--', 'C-A-S-C', 'c', 'F2', 'S-Insert', 'C-1', 'M-c', 'A-0'])('%s goes to the host', (keys) =>
    expect(terminalAct(press(keys), plain)).toBeUndefined(),
  )

  it('Ctrl-C copies only for whoever chose so, and only while something is selected', () => {
    expect(terminalAct(press('C-c'), { ...plain, controlCCopies: true })).toBe('copyThenForget')
    expect(terminalAct(press('C-c'), { ...plain, controlCCopies: true, selected: false })).toBeUndefined()
  })

  it('follows the letters of the layout, and the place of the key where there are none', () => {
    expect(terminalAct(press('C-S-С', 'KeyC'), plain)).toBe('copy') // Cyrillic
    expect(terminalAct(press('C-S-j', 'KeyC'), plain)).toBeUndefined() // Dvorak
    expect(terminalAct(press('C-S-c', 'KeyI'), plain)).toBe('copy')
  })

  it('is Command on a Mac, where Ctrl is the host’s', () => {
    const mac = { ...plain, mac: true }
    expect([terminalAct(press('M-f'), mac), terminalAct(press('M-+'), mac), terminalAct(press('C-0'), mac), terminalAct(press('M-c'), mac)]).toEqual([
      'search',
      'larger',
      undefined,
      undefined,
    ])
  })
})

describe('a key in the deck', () => {
  it('is kept only with Ctrl and Shift', () => {
    const at = { split: true }
    expect(['C-S-Z', 'C-S-E', 'C-S-O', 'C-S-Home', 'C-S-ArrowLeft'].map((keys) => deckAct(press(keys), at))).toEqual([
      'reopen',
      'splitRow',
      'splitColumn',
      'tabs',
      'otherPane',
    ])
    expect(['C-z', 'S-E', 'C-A-S-O', 'C-S-T', 'C-Home', 'C-ArrowLeft'].map((keys) => deckAct(press(keys), at))).toEqual(Array(6).fill(undefined))
    expect(deckAct(press('C-S-ArrowLeft'), { split: false })).toBeUndefined()
    expect(deckAct({ ...press('C-S-Z'), type: 'keyup' }, at)).toBeUndefined()
  })
})
