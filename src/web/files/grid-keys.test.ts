import { describe, expect, it } from 'vitest'
import { gridAct } from './grid-keys.ts'

const press = (key: string, ...held: ('ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey')[]) =>
  gridAct(
    { key, ctrlKey: held.includes('ctrlKey'), shiftKey: held.includes('shiftKey'), altKey: held.includes('altKey'), metaKey: held.includes('metaKey') },
    false,
  )

describe('keys of the list', () => {
  it('are those of file managers', () => {
    expect(press('ArrowDown', 'shiftKey')).toEqual({ act: 'step', step: 'down', extend: true, keep: false })
    expect(press('End', 'ctrlKey')).toEqual({ act: 'step', step: 'end', extend: false, keep: true })
    expect(['Enter', 'Backspace', 'Delete', 'F2', ' '].map((key) => press(key)?.act)).toEqual(['open', 'up', 'remove', 'rename', 'toggle'])
    expect([press('a', 'ctrlKey'), press('A', 'metaKey'), press('ArrowLeft', 'altKey')].map((act) => act?.act)).toEqual(['all', 'all', 'back'])
  })

  it('leave the others to the page and the browser', () => {
    expect([press('L', 'ctrlKey', 'shiftKey'), press('Tab'), press('F6'), press('r', 'ctrlKey'), press('constructor')]).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
  })

  it('of letters find names, with blanks among them', () => {
    expect(press('中')).toEqual({ act: 'type', letter: '中' })
    expect(gridAct({ key: ' ', ctrlKey: false, shiftKey: false, altKey: false, metaKey: false }, true)).toEqual({ act: 'type', letter: ' ' })
  })
})
