// Keys of the list, as in file managers everywhere. What each does is told, not done.
import type { Step } from './file-selection.ts'

export type GridPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>
export type GridAct =
  | { act: 'step'; step: Step; extend: boolean; keep: boolean }
  | { act: 'open' | 'up' | 'back' | 'ahead' | 'toggle' | 'all' | 'remove' | 'rename' | 'search' | 'refresh' | 'clear' }
  | { act: 'type'; letter: string }

const steps: Readonly<Record<string, Step>> = { ArrowUp: 'up', ArrowDown: 'down', PageUp: 'pageUp', PageDown: 'pageDown', Home: 'home', End: 'end' }
const plain: Readonly<Record<string, 'open' | 'up' | 'remove' | 'rename' | 'refresh' | 'clear'>> = {
  Enter: 'open',
  Backspace: 'up',
  Delete: 'remove',
  F2: 'rename',
  F5: 'refresh',
  Escape: 'clear',
}

/** Undefined: not a key of ours. `isTyping`: letters were typed just now, so that a blank is one of them. */
export function gridAct(press: GridPress, isTyping: boolean): GridAct | undefined {
  const { key, shiftKey, altKey } = press
  const control = press.ctrlKey || press.metaKey
  if (altKey)
    return control || shiftKey
      ? undefined
      : key === 'ArrowLeft'
        ? { act: 'back' }
        : key === 'ArrowRight'
          ? { act: 'ahead' }
          : key === 'ArrowUp'
            ? { act: 'up' }
            : undefined
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined
  if (step !== undefined) return { act: 'step', step, extend: shiftKey, keep: control }
  if (control && !shiftKey && key.toLowerCase() === 'a') return { act: 'all' }
  if (control && !shiftKey && key.toLowerCase() === 'f') return { act: 'search' }
  if (key === ' ' && !isTyping) return { act: 'toggle' }
  if (control) return undefined
  const act = Object.hasOwn(plain, key) ? plain[key] : undefined
  if (act !== undefined) return { act }
  return Array.from(key).length === 1 ? { act: 'type', letter: key } : undefined
}
