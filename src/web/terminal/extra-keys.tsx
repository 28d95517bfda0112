import { IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp } from '@tabler/icons-react'
import type { RefObject } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LiveTerminal } from './live-terminal.ts'
import classes from './terminal.module.css'

const arrows = [
  { word: 'left', letter: 'D', icon: IconArrowLeft },
  { word: 'down', letter: 'B', icon: IconArrowDown },
  { word: 'up', letter: 'A', icon: IconArrowUp },
  { word: 'right', letter: 'C', icon: IconArrowRight },
] as const

/** Keys that a phone's keyboard does not have; shown on touch screens only. */
export function ExtraKeys({ live }: { live: RefObject<LiveTerminal | undefined> }) {
  const { t } = useTranslation()
  const [control, setControl] = useState(false)
  const type = (text: string) => live.current?.type(text)
  const holdControl = (held: boolean) => {
    setControl(held)
    live.current?.holdControl(held, () => setControl(false))
  }
  const paste = async () => {
    try {
      await live.current?.paste(await navigator.clipboard.readText())
    } catch {
      // The browser or the person said no: nothing is pasted, and the browser has said so itself.
    }
  }
  return (
    <div className={classes['extra']} role="toolbar" aria-label={t('terminals.keys.label')} onPointerDown={(event) => event.preventDefault()}>
      <button type="button" onClick={() => type('\u001b')}>
        {t('terminals.keys.esc')}
      </button>
      <button type="button" onClick={() => type('\t')}>
        {t('terminals.keys.tab')}
      </button>
      <button type="button" aria-pressed={control} onClick={() => holdControl(!control)}>
        {t('terminals.keys.ctrl')}
      </button>
      {arrows.map(({ word, letter, icon: Icon }) => (
        // In application mode programs expect SS3 instead of CSI.
        <button
          key={word}
          type="button"
          aria-label={t(`terminals.keys.${word}`)}
          onClick={() => type(`\u001b${live.current?.terminal.modes.applicationCursorKeysMode ? 'O' : '['}${letter}`)}
        >
          <Icon size={18} />
        </button>
      ))}
      <button type="button" onClick={() => void paste()}>
        {t('terminals.keys.paste')}
      </button>
    </div>
  )
}
